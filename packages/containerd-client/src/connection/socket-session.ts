import { connect } from "node:net";
import type { ClientStream } from "../http2/client-stream.js";
import { connectionLost, type HeaderList, Http2Connection } from "../http2/connection.js";
import type { StreamObserver } from "../http2/stream-observer.js";
import type { GrpcSession } from "../grpc/call.js";
import { assertTrusted } from "./assert-trusted.js";
import type { UnixSessionOptions } from "./unix-session.js";

/** How long whoever accepted our connection may take for its first frame, in milliseconds. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * One HTTP/2 connection of our own to a unix socket: opened by the first request, and again by the next one after it was
 * lost. An idle connection does not keep the process alive.
 *
 * When the connection is lost, every request on it fails with what the system says, or with an error whose code is
 * `ECONNRESET`.
 */
export class SocketSession implements GrpcSession {
  readonly #address: string;
  readonly #keepAlive: boolean;
  readonly #trustAny: boolean;
  #current: Http2Connection | undefined;
  /** Besides the one for new requests, one that takes no more of them can still have some under way. */
  readonly #open = new Set<Http2Connection>();

  constructor(address: string, { keepAlive = true, trustAnySocket = false }: UnixSessionOptions = {}) {
    this.#address = address;
    this.#keepAlive = keepAlive;
    this.#trustAny = trustAnySocket;
  }

  request(headers: HeaderList, observer: StreamObserver): ClientStream {
    return (this.#current ??= this.#connect()).open(headers, observer);
  }

  /** Ends the connection; requests under way fail. */
  close(): void {
    this.#current = undefined;
    for (const connection of this.#open) connection.destroy(connectionLost("closed by the client"));
  }

  #connect(): Http2Connection {
    // Each time: the daemon may have been replaced meanwhile.
    if (!this.#trustAny) assertTrusted(this.#address);
    const socket = connect(this.#address);
    const forget = (): void => {
      // There can be a new connection by now, which is none of this one's business.
      if (this.#current === connection) this.#current = undefined;
    };
    const handshake = setTimeout(() => {
      connection.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
    }, HANDSHAKE_TIMEOUT_MS);
    const connection = new Http2Connection(socket, {
      onReady: () => {
        clearTimeout(handshake);
      },
      // What is under way may finish; what comes next needs a new connection.
      onLeaving: forget,
      onClosed: () => {
        clearTimeout(handshake);
        forget();
        this.#open.delete(connection);
      },
      onBusy: (busy) => {
        if (busy && this.#keepAlive) socket.ref();
        else socket.unref();
      },
    });
    this.#open.add(connection);
    return connection;
  }
}
