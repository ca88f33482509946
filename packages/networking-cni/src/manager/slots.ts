import { orAbort } from "../lock/mutex.js";

/** Lets so many operations run at once; the others wait in their order. */
export class Slots {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs the operation when a slot is free. Rejects with the signal's reason when it is aborted before. */
  async run<T>(operation: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await operation();
    } finally {
      this.#leave();
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    let enter: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      enter = resolve;
    });
    this.#queue.push(enter);
    try {
      await orAbort(turn, signal);
    } catch (error) {
      const index = this.#queue.indexOf(enter);
      // Not waiting any more means that the slot had been handed over already.
      if (index === -1) this.#leave();
      else this.#queue.splice(index, 1);
      throw error;
    }
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
