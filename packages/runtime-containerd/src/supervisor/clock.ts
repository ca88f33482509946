import { setTimeout as sleep } from "node:timers/promises";

/** The seam through which supervision knows the time. */
export interface Clock {
  now(): Date;
  /** Resolves at this moment, or somewhat earlier; rejects with the signal's reason. */
  until(moment: Date, signal: AbortSignal): Promise<void>;
}

/** A timer takes no more than 2^31 milliseconds, and the host's clock may be set meanwhile. */
const LONGEST_MS = 60_000;

export const systemClock: Clock = {
  now: () => new Date(),
  async until(moment, signal) {
    const ms = Math.min(Math.max(moment.getTime() - Date.now(), 0), LONGEST_MS);
    await sleep(ms, undefined, { signal });
  },
};
