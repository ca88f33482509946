import type { Writable } from "node:stream";
import type { ConnectError } from "@connectrpc/connect";
import { type EncodedMessage, writeFrame } from "./frame-encoder.js";

/** Moves messages from an iterable into a stream, no faster than the stream takes them. */
export class RequestPump<Input> {
  readonly #input: AsyncIterator<Input>;
  readonly #encode: (message: Input) => EncodedMessage;
  #stopped = false;
  #exhausted = false;
  #wake: () => void = () => undefined;

  constructor(input: AsyncIterable<Input>, encode: (message: Input) => EncodedMessage) {
    this.#input = input[Symbol.asyncIterator]();
    this.#encode = encode;
  }

  /** Resolves when all is written and the stream ended, or when the stream takes no more. Rejects as the iterable does. */
  async run(stream: Writable): Promise<void> {
    stream.on("drain", () => {
      this.#wake();
    });
    stream.on("close", () => {
      this.#wake();
    });
    for (;;) {
      const next = await this.#input.next();
      if (next.done === true) this.#exhausted = true;
      if (this.#stopped) return;
      // The server may end the call before it has read everything.
      if (stream.writableEnded || stream.destroyed) break;
      if (next.done === true) {
        stream.end();
        return;
      }
      if (!writeFrame(stream, this.#encode(next.value)) && !(await this.#drained(stream))) return;
    }
    this.stop(undefined);
  }

  /** Tells the iterable that no more is wanted, and why. */
  stop(error: ConnectError | undefined): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#wake();
    if (this.#exhausted) return;
    const input = this.#input;
    const told = error !== undefined && input.throw !== undefined ? input.throw(error) : input.return?.();
    // A generator that does not catch what it is told rejects with it; the call has its own error by then.
    told?.catch(() => undefined);
  }

  /** Resolves when the stream takes more, or has ended; with false when the pump was stopped meanwhile. */
  async #drained(stream: Writable): Promise<boolean> {
    await new Promise<void>((resolve) => {
      if (this.#stopped || stream.destroyed || !stream.writableNeedDrain) resolve();
      else this.#wake = resolve;
    });
    return !this.#stopped;
  }
}
