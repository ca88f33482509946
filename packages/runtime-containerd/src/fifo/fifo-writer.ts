import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { hasCode } from "../host/file-store.js";

/**
 * The writing end of a FIFO that a shim reads from, as a stream: its close is this writer's end of file. What is written
 * after the reader has gone is refused with `EPIPE`, as a pipe would have it.
 */
export class FifoWriter {
  readonly stream: WritableStream<Uint8Array>;
  readonly #socket: Socket | undefined;

  /** The shim has to have it open already; where it has closed it again, everything is refused. */
  constructor(path: string) {
    this.#socket = openForWriting(path);
    this.#socket?.on("error", () => undefined);
    this.stream = new WritableStream<Uint8Array>({
      write: (chunk) => this.#write(chunk),
      close: () => this.close(),
      abort: () => {
        this.#socket?.destroy();
      },
    });
  }

  /** Hands over what has been written, and closes. */
  close(): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once("close", () => {
        resolve();
      });
      socket.end(() => socket.destroy());
    });
  }

  /** Closes at once: what the reader has not taken yet is lost. */
  destroy(): void {
    this.#socket?.destroy();
  }

  #write(chunk: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.destroyed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      const gone = (): void => {
        reject(closed());
      };
      socket.once("close", gone);
      socket.write(chunk, (error) => {
        socket.off("close", gone);
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }
}

function openForWriting(path: string): Socket | undefined {
  try {
    return new Socket({ fd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), readable: false });
  } catch (error) {
    if (hasCode(error, "ENXIO", "ENOENT")) return undefined;
    throw error;
  }
}

function closed(): Error {
  return Object.assign(new Error("nobody reads the process's standard input any more"), { code: "EPIPE" });
}
