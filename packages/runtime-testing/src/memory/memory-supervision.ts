import type { SuperviseOptions, Supervision } from "@voiyd/runtime-api";
import type { MemoryContainer } from "./memory-container.js";
import type { MemoryHost } from "./memory-host.js";
import { startProcess } from "./start-process.js";

/** `Supervise.supervise`: restart policies on the host's clock. There are no health checks in memory. */
export class MemorySupervision implements Supervision {
  readonly active: Promise<void>;
  readonly ended: Promise<void>;
  readonly #host: MemoryHost;
  readonly #untilIdle: boolean;
  readonly #stop = new AbortController();
  #begin: () => void = () => {};

  constructor(host: MemoryHost, { until = "abort", signal }: SuperviseOptions) {
    this.#host = host;
    this.#untilIdle = until === "idle";
    this.active = new Promise((resolve) => {
      this.#begin = resolve;
    });
    const stop = (): void => {
      this.#stop.abort();
    };
    signal?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted === true) stop();
    this.ended = this.#run().finally(() => signal?.removeEventListener("abort", stop));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }

  async #run(): Promise<void> {
    const { supervisors } = this.#host;
    if (this.#untilIdle && supervisors.length > 0) return;
    supervisors.push(this);
    try {
      // One after the other, in the order in which they came.
      while (supervisors[0] !== this && !this.#isOver()) await this.#news(Infinity);
      if (this.#isOver()) return;
      this.#begin();
      while (!this.#isOver() && (await this.#once()));
    } finally {
      supervisors.splice(supervisors.indexOf(this), 1);
      this.#host.changed();
    }
  }

  #isOver(): boolean {
    return this.#stop.signal.aborted;
  }

  /** One look at all containers; then waits for news, or for the next start. False when nobody needs it any more. */
  async #once(): Promise<boolean> {
    const { containers, clock } = this.#host;
    // Asked for before the look: nothing that happens meanwhile is missed.
    const news = this.#host.nextChange();
    const wards = containers.all().filter((container) => container.isSupervised);
    if (wards.length === 0 && this.#untilIdle) return false;
    const waits = wards.map((container) => this.#advance(container, clock.now()));
    await this.#news(Math.min(...waits, Infinity), news);
    return true;
  }

  /** Resolves with how many milliseconds there are until its next start. */
  #advance(container: MemoryContainer, now: Date): number {
    const at = container.decideRestart(now);
    if (at === undefined) return Infinity;
    if (at > now) return at.getTime() - now.getTime();
    startProcess(this.#host, container);
    this.#host.tell(container, "start", { pid: container.process?.pid ?? 0 });
    return Infinity;
  }

  /** Resolves at the next change, when the time is over, and at the end of the supervision. */
  async #news(ms: number, change: Promise<void> = this.#host.nextChange()): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#stop.signal]);
    try {
      await Promise.race([change, this.#host.clock.sleep(ms, signal)]);
    } finally {
      over.abort();
    }
  }
}
