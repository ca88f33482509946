import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  type IncomingHttpHeaders,
} from "node:http2";
import { connect } from "node:net";

/**
 * The floor of a gRPC call from Node.js: one HTTP/2 stream of `node:http2`, bytes in and bytes out, no deadline, no
 * cancellation, no message limits, no types.
 */
export class BareConnection {
  readonly #session: ClientHttp2Session;
  readonly #namespace: string;

  constructor(address: string, namespace: string) {
    this.#session = connectHttp2("http://localhost", {
      createConnection: () => connect(address),
      settings: { initialWindowSize: 4 * 1024 * 1024, enablePush: false },
    });
    this.#session.once("connect", (session) => {
      session.setLocalWindowSize(16 * 1024 * 1024);
    });
    this.#namespace = namespace;
  }

  /** @param path as `/containerd.services.version.v1.Version/Version` */
  call(path: string, message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const stream = this.#request(path);
      const chunks: Buffer[] = [];
      let status: string | undefined;
      let text = "";
      const read = (headers: IncomingHttpHeaders): void => {
        const own = headers["grpc-status"];
        if (own === undefined) return;
        status = String(own);
        text = String(headers["grpc-message"] ?? "");
      };
      stream.on("response", read);
      stream.on("trailers", read);
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("error", reject);
      stream.on("end", () => {
        if (status === "0")
          resolve((chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks)).subarray(5));
        else reject(Object.assign(new Error(`${path}: ${text}`), { grpcStatus: Number(status) }));
      });
      stream.end(frame(message));
    });
  }

  /** Opens a stream with one message, and hands on what comes as it comes, until the connection is closed. */
  listen(path: string, message: Uint8Array, onData: (chunk: Buffer) => void): void {
    const stream = this.#request(path);
    stream.on("error", () => undefined);
    stream.on("data", onData);
    stream.end(frame(message));
  }

  close(): void {
    this.#session.destroy();
  }

  #request(path: string): ClientHttp2Stream {
    return this.#session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      "containerd-namespace": this.#namespace,
    });
  }
}

function frame(message: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(5 + message.byteLength);
  bytes.writeUInt8(0, 0);
  bytes.writeUInt32BE(message.byteLength, 1);
  bytes.set(message, 5);
  return bytes;
}
