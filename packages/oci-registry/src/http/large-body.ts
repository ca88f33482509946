import type { IncomingMessage } from "node:http";
import type { BodyReader, TappedBody } from "./body-tap.js";
import { StalledError } from "./transport.js";

export interface LargeBodyOptions {
  /** Memory for the next piece. */
  readonly memory: () => Uint8Array;
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * A body that is read from its connection into the reader's own memory. Nothing is read that is not wanted: until the next
 * piece is asked for, the connection rests. Time is only counted while somebody waits.
 */
export class LargeBody implements AsyncIterable<Uint8Array>, BodyReader {
  readonly #message: IncomingMessage;
  readonly #options: LargeBodyOptions;
  /** What came before it was wanted. */
  #early: Uint8Array;
  /** Bytes that are still to be given out. */
  #left: number;
  #piece: Uint8Array = new Uint8Array();
  #filled = 0;
  #failure: { readonly error: unknown } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake: () => void = () => undefined;

  constructor(message: IncomingMessage, body: TappedBody, options: LargeBodyOptions) {
    this.#message = message;
    this.#options = options;
    this.#early = body.first;
    this.#left = body.length;
    body.read(this);
    message.on("error", (error) => {
      this.#end(error);
    });
    message.once("close", () => {
      this.#end(Object.assign(new Error("the connection was closed"), { code: "ECONNRESET" }));
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { memory, stallTimeoutMs, signal } = this.#options;
    const abort = (): void => {
      this.#message.destroy();
    };
    signal?.addEventListener("abort", abort, { once: true });
    this.#timer = setTimeout(() => {
      if (this.target() !== undefined) this.#message.destroy(new StalledError(stallTimeoutMs));
    }, stallTimeoutMs);
    try {
      while (this.#left > 0) {
        signal?.throwIfAborted();
        await this.#fill(memory());
        signal?.throwIfAborted();
        const piece = this.#piece.subarray(0, this.#filled);
        this.#piece = new Uint8Array();
        this.#filled = 0;
        this.#left -= piece.length;
        // What came before a failure is given out: it need not be asked for again.
        if (piece.length > 0) yield piece;
        if (this.#failure !== undefined && this.#left > 0) throw this.#failure.error;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(this.#timer);
      signal?.removeEventListener("abort", abort);
      this.#message.destroy();
    }
  }

  target(): Uint8Array | undefined {
    return this.#filled < this.#piece.length ? this.#piece.subarray(this.#filled) : undefined;
  }

  take(bytes: Uint8Array): boolean {
    this.#timer?.refresh();
    const target = this.target();
    const inPlace = target?.buffer === bytes.buffer && target.byteOffset === bytes.byteOffset;
    if (inPlace) this.#filled += bytes.length;
    else this.#early = Buffer.concat([this.#early, bytes.subarray(this.#copy(bytes))]);
    if (this.target() !== undefined) return true;
    this.#wake();
    return false;
  }

  /** Resolves when the connection is closed. */
  async discard(): Promise<void> {
    this.#message.destroy();
  }

  async #fill(memory: Uint8Array): Promise<void> {
    if (memory.length === 0) throw new RangeError("memory for a body must have room for at least one byte");
    this.#piece = memory.subarray(0, this.#left);
    this.#early = this.#early.subarray(this.#copy(this.#early));
    if (this.target() === undefined || this.#failure !== undefined) return;
    const filled = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#timer?.refresh();
    this.#message.socket.resume();
    await filled;
  }

  /** Puts as much as there is room for into the piece, and returns how much that was. */
  #copy(bytes: Uint8Array): number {
    const part = bytes.subarray(0, this.#piece.length - this.#filled);
    this.#piece.set(part, this.#filled);
    this.#filled += part.length;
    return part.length;
  }

  #end(error: unknown): void {
    this.#failure ??= { error };
    this.#wake();
  }
}
