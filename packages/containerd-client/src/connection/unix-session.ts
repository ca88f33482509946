import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect } from "node:net";
import type { GrpcTransportOptions } from "@connectrpc/connect-node";
import { assertTrusted } from "./assert-trusted.js";

/** What the transport asks of a connection. */
type SessionManager = NonNullable<GrpcTransportOptions["sessionManager"]>;

/** The authority of HTTP/2 requests over a unix socket is arbitrary; gRPC servers do not look at it. */
export const AUTHORITY = "http://localhost";

/**
 * Bytes that the daemon may send, on one stream and on the whole connection, before it has to wait for us. HTTP/2's
 * default of 64 KiB makes every large message a series of round trips.
 */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;
const CONNECTION_WINDOW_BYTES = 16 * 1024 * 1024;

/** How long whoever accepted our connection may take for its first frame. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

interface Connection {
  readonly session: ClientHttp2Session;
  /** Requests under way. */
  streams: number;
}

export interface UnixSessionOptions {
  /** Whether a request under way keeps the process alive. Default true. */
  readonly keepAlive?: boolean;
  /** Whoever it belongs to. Default false. */
  readonly trustAnySocket?: boolean;
}

/**
 * One HTTP/2 connection to a unix socket: opened by the first request, and again by the next one after it was lost. An
 * idle connection does not keep the process alive.
 *
 * When the connection is lost, every request on it fails with an error whose code is `ECONNRESET`. (Node.js would end
 * them as cancelled, which a caller cannot tell from its own cancellation.)
 */
export class UnixSession implements SessionManager {
  readonly authority: string = AUTHORITY;
  readonly #address: string;
  readonly #keepAlive: boolean;
  readonly #trustAny: boolean;
  #session: Promise<Connection> | undefined;
  /** Besides the one for new calls, one that takes no more of them can still have some under way. */
  readonly #open = new Set<ClientHttp2Session>();

  constructor(address: string, { keepAlive = true, trustAnySocket = false }: UnixSessionOptions = {}) {
    this.#address = address;
    this.#keepAlive = keepAlive;
    this.#trustAny = trustAnySocket;
  }

  async request(method: string, path: string, headers: OutgoingHttpHeaders): Promise<ClientHttp2Stream> {
    const connection = await (this.#session ??= this.#connect());
    const { session } = connection;
    const stream = session.request({ ...headers, ":method": method, ":path": path });
    if (this.#keepAlive) {
      if (connection.streams++ === 0) session.ref();
      stream.once("close", () => {
        if (--connection.streams === 0) session.unref();
      });
    }
    return stream;
  }

  notifyResponseByteRead(): void {
    // Only a connection that is watched by pings would have to know.
  }

  /** Ends the connection; requests under way fail. */
  close(): void {
    this.#session = undefined;
    for (const session of this.#open) session.destroy(connectionLost("closed by the client"));
  }

  #connect(): Promise<Connection> {
    // Each time: the daemon may have been replaced meanwhile.
    if (!this.#trustAny) assertTrusted(this.#address);
    const connecting = new Promise<Connection>((resolve, reject) => {
      const socket = connect(this.#address);
      const session = connectHttp2(AUTHORITY, {
        createConnection: () => socket,
        settings: { initialWindowSize: STREAM_WINDOW_BYTES, enablePush: false },
      });
      this.#open.add(session);
      const handshake = setTimeout(() => {
        session.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" }));
      }, HANDSHAKE_TIMEOUT_MS);
      const lost = (reason: unknown): void => {
        clearTimeout(handshake);
        // There can be a new connection by now, which is none of this one's business.
        if (this.#session === connecting) this.#session = undefined;
        this.#open.delete(session);
        reject(reason);
      };
      // Before Node's own listener, which would cancel the streams without a reason.
      socket.prependListener("close", () => {
        session.destroy(connectionLost("the connection was cut"));
      });
      session.once("goaway", () => {
        // What is under way may finish; what comes next needs a new connection.
        if (this.#session === connecting) this.#session = undefined;
      });
      // Stays for the session's life: an error that nobody listens to would end the process.
      session.on("error", lost);
      session.once("close", () => {
        lost(connectionLost("the connection was closed"));
      });
      // The peer's settings are its first frame: from here on we know that it speaks HTTP/2.
      session.once("remoteSettings", () => {
        clearTimeout(handshake);
        session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
        session.unref();
        resolve({ session, streams: 0 });
      });
    });
    return connecting;
  }
}

function connectionLost(text: string): NodeJS.ErrnoException {
  return Object.assign(new Error(text), { code: "ECONNRESET" });
}
