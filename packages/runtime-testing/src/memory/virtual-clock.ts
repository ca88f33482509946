import { setImmediate as nextTurn } from "node:timers/promises";
import type { MemoryClock } from "./clock.js";

/** Turns that whatever is not waiting for the clock may take until it does. */
const TURNS = 20;

/** Time that goes on when everybody waits for it, and then at once to what is waited for next. For this package's tests. */
export class VirtualClock implements MemoryClock {
  #now: number;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): Date {
    return new Date(this.#now);
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const sleeper = { until: this.#now + ms, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener("abort", wake, { once: true });
      if (signal.aborted) wake();
    });
  }

  /** Lets time go on until it is so, or nobody waits for a moment any more. */
  async until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      for (let turn = 0; turn < TURNS; turn++) await nextTurn();
      const next = Math.min(...[...this.#sleepers].map(({ until }) => until));
      if (next === Infinity) return;
      this.#now = Math.max(this.#now, next);
      for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) sleeper.wake();
    }
  }
}
