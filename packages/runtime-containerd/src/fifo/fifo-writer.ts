import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { pause } from "../concurrency/pause.js";
import { hasCode } from "../host/file-store.js";

/** How long a shim may take to open the FIFO that it has said it reads, in milliseconds. */
const OPENS_WITHIN_MS = 2_000;
/** How often it is looked for, in milliseconds. */
const LOOK_EVERY_MS = 5;

/**
 * The writing end of a FIFO that a shim reads from, as a stream: its close is this writer's end of file. What is written
 * after the reader has gone is refused with `EPIPE`, as a pipe would have it.
 */
export class FifoWriter {
  readonly stream: WritableStream<Uint8Array>;
  readonly #socket: Socket | undefined;

  private constructor(socket: Socket | undefined) {
    this.#socket = socket;
    this.#socket?.on("error", () => undefined);
    this.stream = new WritableStream<Uint8Array>({
      write: (chunk) => this.#write(chunk),
      close: () => this.close(),
      abort: () => {
        this.#socket?.destroy();
      },
    });
  }

  /**
   * Opens a FIFO whose process has been started. Its shim opens it in a routine of its own, which can be later than its
   * answer to the start: it is waited for, until `ended`. Where it has closed it again, or never opens it, everything is
   * refused.
   */
  static async open(path: string, ended?: AbortSignal): Promise<FifoWriter> {
    const deadline = performance.now() + OPENS_WITHIN_MS;
    let found = openForWriting(path);
    while (found === "unread" && ended?.aborted !== true && performance.now() < deadline) {
      await pause(LOOK_EVERY_MS, {});
      found = openForWriting(path);
    }
    return new FifoWriter(typeof found === "string" ? undefined : found);
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

function openForWriting(path: string): Socket | "unread" | "missing" {
  try {
    return new Socket({ fd: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK), readable: false });
  } catch (error) {
    if (hasCode(error, "ENXIO")) return "unread";
    if (hasCode(error, "ENOENT")) return "missing";
    throw error;
  }
}

function closed(): Error {
  return Object.assign(new Error("nobody reads the process's standard input any more"), { code: "EPIPE" });
}
