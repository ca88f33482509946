import type { ConnectError } from "@connectrpc/connect";
import type { ClientStream } from "../http2/client-stream.js";

/** Moves messages from an iterable into a stream, no faster than the stream takes them. */
export class RequestPump<Input> {
  readonly #input: AsyncIterator<Input>;
  readonly #frame: (message: Input) => readonly Uint8Array[];
  #stopped = false;
  #exhausted = false;
  #resume: () => void = () => undefined;

  /** @param frame the parts of a message as they go over the wire */
  constructor(input: AsyncIterable<Input>, frame: (message: Input) => readonly Uint8Array[]) {
    this.#input = input[Symbol.asyncIterator]();
    this.#frame = frame;
  }

  /** Resolves when all is written and the stream ended, or when the stream takes no more. Rejects as the iterable does. */
  async run(stream: ClientStream): Promise<void> {
    for (;;) {
      const next = await this.#input.next();
      if (next.done === true) this.#exhausted = true;
      if (this.#stopped) return;
      // The server may end the call before it has read everything.
      if (stream.closed) break;
      if (next.done === true) {
        stream.send([], true);
        return;
      }
      if (!stream.send(this.#frame(next.value), false) && !(await this.#drained(stream))) return;
    }
    this.stop(undefined);
  }

  /** The stream takes more, or nothing any more. */
  wake(): void {
    this.#resume();
  }

  /** Tells the iterable that no more is wanted, and why. */
  stop(error: ConnectError | undefined): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#resume();
    if (this.#exhausted) return;
    const input = this.#input;
    const told = error !== undefined && input.throw !== undefined ? input.throw(error) : input.return?.();
    // A generator that does not catch what it is told rejects with it; the call has its own error by then.
    told?.catch(() => undefined);
  }

  /** Resolves when the stream takes more, or has ended; with false when the pump was stopped meanwhile. */
  async #drained(stream: ClientStream): Promise<boolean> {
    await new Promise<void>((resolve) => {
      if (this.#stopped || stream.closed || !stream.isBlocked) resolve();
      else this.#resume = resolve;
    });
    return !this.#stopped;
  }
}
