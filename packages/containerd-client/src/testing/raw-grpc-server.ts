import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One request as a test answers it: in frames, good or bad. */
export interface RawCall {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
  /** Sends the header of a gRPC response. */
  respond(extra?: Readonly<Record<string, string>>): void;
  /** Sends a message behind its prefix. */
  message(bytes: Uint8Array, flag?: number): void;
  /** Ends the response with these trailers. */
  end(trailers?: Readonly<Record<string, string>>): void;
  /** Ends the response with a header alone. */
  trailersOnly(headers: Readonly<Record<string, string>>): void;
  /** The next chunk of the request; undefined at its end. */
  read(): Promise<Buffer | undefined>;
  /** The code that the client reset the stream with, when it has closed. */
  closed(): Promise<number>;
}

export interface RawGrpcServer extends AsyncDisposable {
  readonly address: string;
}

const HEADER = { ":status": 200, "content-type": "application/grpc" };

/** A server that speaks HTTP/2 and leaves the gRPC to `answer`. */
export async function startRawGrpcServer(answer: (call: RawCall) => void | Promise<void>): Promise<RawGrpcServer> {
  const folder = await mkdtemp(join(tmpdir(), "voiyd-raw-"));
  const address = join(folder, "grpc.sock");
  const sockets = new Set<Socket>();
  const server = createServer({ settings: { initialWindowSize: 1024 * 1024 } });
  const socketOf = new WeakMap<Http2Session, Socket>();
  let latest: Socket | undefined;
  // Before the server's own listener, which makes the session.
  server.prependListener("connection", (socket: Socket) => {
    sockets.add(socket);
    latest = socket;
  });
  server.on("session", (session) => {
    if (latest !== undefined) socketOf.set(session, latest);
  });
  // A client that cancels, or that is cut off, is what the tests are about.
  server.on("sessionError", () => undefined);
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    const socket = stream.session === undefined ? undefined : socketOf.get(stream.session);
    if (socket === undefined) throw new Error("a stream without a connection");
    void answer(rawCall(stream, headers, socket));
  });
  server.listen(address);
  await once(server, "listening");
  return {
    address,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, "close");
      server.close();
      await closed;
      await rm(folder, { recursive: true });
    },
  };
}

function rawCall(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, socket: Socket): RawCall {
  let trailers: Readonly<Record<string, string>> = {};
  const chunks = stream[Symbol.asyncIterator]();
  const closed = new Promise<number>((resolve) => {
    stream.once("close", () => {
      resolve(stream.rstCode);
    });
  });
  return {
    stream,
    headers,
    socket,
    respond(extra = {}) {
      stream.respond({ ...HEADER, ...extra }, { waitForTrailers: true });
      stream.once("wantTrailers", () => {
        stream.sendTrailers(trailers);
      });
    },
    message(bytes, flag = 0) {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt8(flag, 0);
      prefix.writeUInt32BE(bytes.byteLength, 1);
      stream.write(Buffer.concat([prefix, bytes]));
    },
    end(last = { "grpc-status": "0" }) {
      trailers = last;
      stream.end();
    },
    trailersOnly(only) {
      stream.respond({ ...HEADER, ...only }, { endStream: true });
    },
    async read() {
      const next = await chunks.next();
      return next.done === true ? undefined : Buffer.from(next.value);
    },
    closed: () => closed,
  };
}
