import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";

/** As soon as the process has ended, what it leaves behind must be quiet no longer than this, in milliseconds. */
const QUIET_MS = 2_000;

/**
 * The reading end of a FIFO that a shim writes to. Opened without waiting for the writer, and read through the event
 * loop: a blocking open or read would take a thread of Node's few (four of those, and every file access of the process
 * hangs).
 */
export class FifoReader {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #socket: Socket;
  readonly #ended = new AbortController();
  #keeper: number | undefined;

  constructor(path: string) {
    this.#socket = new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), writable: false });
    // A writer that opens and closes before we look must not be missed, so there is one until the shim has its own.
    this.#keeper = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#socket.pause();
    this.#socket.on("error", () => undefined);
    this.stream = this.#open();
  }

  /** The shim has the FIFO open, or never will: from now on the last writer's close is the end. */
  release(): void {
    if (this.#keeper !== undefined) closeSync(this.#keeper);
    this.#keeper = undefined;
  }

  /**
   * The process has ended. What is on its way is still read; a child that holds the pipe open does not keep its readers
   * waiting for ever.
   */
  processEnded(): void {
    this.release();
    this.#ended.abort();
  }

  /** Ends the stream where it is. */
  close(): void {
    this.release();
    this.#socket.destroy();
  }

  #open(): ReadableStream<Uint8Array> {
    const socket = this.#socket;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const chunk = await this.#next();
          if (chunk === undefined) {
            controller.close();
            this.close();
          } else controller.enqueue(chunk);
        },
        cancel: () => {
          // What nobody wants is thrown away as it comes: the process must not be held up by it.
          socket.on("data", () => undefined);
          socket.unref();
          socket.resume();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The next piece; undefined at the end. */
  #next(): Promise<Uint8Array | undefined> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (chunk: Uint8Array | undefined): void => {
        clearTimeout(timer);
        socket.off("readable", look);
        socket.off("end", end);
        socket.off("close", end);
        this.#ended.signal.removeEventListener("abort", arm);
        resolve(chunk);
      };
      const end = (): void => {
        settle(undefined);
      };
      const arm = (): void => {
        timer ??= setTimeout(end, QUIET_MS);
      };
      const look = (): void => {
        const chunk: unknown = socket.read();
        if (Buffer.isBuffer(chunk)) settle(chunk);
      };
      socket.on("readable", look);
      socket.on("end", end);
      socket.on("close", end);
      this.#ended.signal.addEventListener("abort", arm);
      if (this.#ended.signal.aborted) arm();
      if (socket.readableEnded || socket.destroyed) end();
      else look();
    });
  }
}

/** A stream that has ended. */
export function emptyStream(): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.close();
    },
  });
}
