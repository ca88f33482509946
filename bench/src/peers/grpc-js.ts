import { Client, credentials, Metadata } from "@grpc/grpc-js";

const MAX_BYTES = 32 * 1024 * 1024;

/** `@grpc/grpc-js` with messages that are bytes already: what it costs without any decoding. */
export class GrpcJsConnection {
  readonly #client: Client;
  readonly #metadata: Metadata = new Metadata();

  constructor(address: string, namespace: string) {
    this.#client = new Client(`unix:${address}`, credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAX_BYTES,
      "grpc.max_send_message_length": MAX_BYTES,
    });
    this.#metadata.set("containerd-namespace", namespace);
  }

  call(path: string, message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(path, toBuffer, asItIs, message, this.#metadata, (error, answer) => {
        if (error !== null) reject(error);
        else resolve(answer ?? new Uint8Array());
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}

function toBuffer(message: Uint8Array): Buffer {
  return Buffer.from(message.buffer, message.byteOffset, message.byteLength);
}

function asItIs(bytes: Buffer): Uint8Array {
  return bytes;
}
