import type { Clock } from "../http/clock.js";

/** A clock that does not wait: sleeping moves it on. */
export class TestClock implements Clock {
  readonly sleeps: number[] = [];
  #now = Date.parse("2026-01-01T00:00:00Z");

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.#now += ms;
    return Promise.resolve();
  }
}
