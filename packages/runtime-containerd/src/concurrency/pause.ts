import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after `ms` milliseconds; rejects with the signal's own reason (Node's timer has an error of its own for that). */
export async function pause(ms: number, options: { signal?: AbortSignal }): Promise<void> {
  try {
    await sleep(ms, undefined, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  }
}
