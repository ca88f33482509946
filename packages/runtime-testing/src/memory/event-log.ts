import { type ContainerEvent, type EventsOptions, matchesEvent } from "@voiyd/runtime-api";
import { abortable } from "./abortable.js";
import type { MemoryClock } from "./clock.js";

/** All that has happened to the containers of a simulated host. */
export class EventLog {
  readonly #events: ContainerEvent[] = [];
  readonly #waiting = new Set<() => void>();

  add(event: ContainerEvent): void {
    this.#events.push(event);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  read(options: EventsOptions, clock: MemoryClock): AsyncIterable<ContainerEvent> {
    // What comes next is decided now, not when it is first asked for.
    const first = options.since === undefined ? this.#events.length : 0;
    return { [Symbol.asyncIterator]: () => this.#follow(first, options, clock) };
  }

  async *#follow(
    first: number,
    { since, until, filters = {}, signal }: EventsOptions,
    clock: MemoryClock,
  ): AsyncGenerator<ContainerEvent> {
    for (let next = first; ; next++) {
      signal?.throwIfAborted();
      const event = this.#events[next] ?? (await this.#wait(next, until, signal, clock));
      if (event === undefined || (until !== undefined && event.time >= until)) return;
      if ((since === undefined || event.time >= since) && matchesEvent(event, filters)) yield event;
    }
  }

  /** The event of that number once it is there; undefined when `until` has come before it. */
  async #wait(
    number: number,
    until: Date | undefined,
    signal: AbortSignal | undefined,
    clock: MemoryClock,
  ): Promise<ContainerEvent | undefined> {
    const timer = new AbortController();
    const added = new Promise<void>((resolve) => this.#waiting.add(resolve));
    const over =
      until === undefined ? [] : [clock.sleep(Math.max(until.getTime() - clock.now().getTime(), 0), timer.signal)];
    try {
      await abortable(Promise.race([added, ...over]), signal);
    } finally {
      timer.abort();
    }
    return this.#events[number];
  }
}
