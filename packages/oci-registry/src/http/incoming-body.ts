import type { IncomingMessage } from "node:http";
import { StalledError } from "./transport.js";

/** Bodies up to this are read to the end when nobody wants them, so that the connection can be used again. */
const WORTH_DRAINING = 64 * 1024;
const LONGEST_DRAIN_MS = 2_000;

/** The bytes of an answer. Time is only counted while somebody waits for them: a slow reader is no stall. */
export class IncomingBody implements AsyncIterable<Uint8Array> {
  readonly #message: IncomingMessage;
  readonly #stallTimeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #isBodiless: boolean;

  constructor(message: IncomingMessage, method: string, stallTimeoutMs: number, signal: AbortSignal | undefined) {
    this.#isBodiless = method === "HEAD";
    this.#message = message;
    this.#stallTimeoutMs = stallTimeoutMs;
    this.#signal = signal;
    // Errors are reported by the iteration. Without a listener, one that comes between two reads would end the process.
    message.on("error", () => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const message = this.#message;
    const abort = (): void => {
      message.destroy();
    };
    let waiting = false;
    const timer = setTimeout(() => {
      if (waiting) message.destroy(new StalledError(this.#stallTimeoutMs));
    }, this.#stallTimeoutMs);
    this.#signal?.addEventListener("abort", abort, { once: true });
    try {
      this.#signal?.throwIfAborted();
      const chunks: AsyncIterator<Uint8Array, unknown> = message[Symbol.asyncIterator]();
      for (;;) {
        waiting = true;
        timer.refresh();
        const chunk = await chunks.next();
        waiting = false;
        if (chunk.done === true) return;
        yield chunk.value;
      }
    } catch (error) {
      this.#signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#signal?.removeEventListener("abort", abort);
      if (!message.readableEnded) message.destroy();
    }
  }

  /** Resolves when the connection is free for the next request, or closed. */
  async discard(): Promise<void> {
    const message = this.#message;
    if (message.readableEnded || message.destroyed) return;
    const length = Number(message.headers["content-length"] ?? Number.NaN);
    if (!this.#isBodiless && !(length <= WORTH_DRAINING)) {
      message.destroy();
      return;
    }
    const timer = setTimeout(
      () => {
        message.destroy();
      },
      Math.min(this.#stallTimeoutMs, LONGEST_DRAIN_MS),
    );
    await new Promise<void>((resolve) => {
      message.once("end", resolve);
      message.once("close", resolve);
      message.resume();
    });
    clearTimeout(timer);
  }
}
