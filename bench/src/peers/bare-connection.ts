import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
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
      const stream = this.#session.request({
        ":method": "POST",
        ":path": path,
        "content-type": "application/grpc",
        te: "trailers",
        "containerd-namespace": this.#namespace,
      });
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
      const frame = Buffer.allocUnsafe(5 + message.byteLength);
      frame.writeUInt8(0, 0);
      frame.writeUInt32BE(message.byteLength, 1);
      frame.set(message, 5);
      stream.end(frame);
    });
  }

  close(): void {
    this.#session.destroy();
  }
}
