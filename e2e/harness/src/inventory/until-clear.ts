import { setTimeout as delay } from "node:timers/promises";

/** What was seen, and how much of it could not be told to belong to this host or to another one. */
export interface Look<T> {
  readonly seen: T;
  readonly unclear: number;
}

const LOOKS = 5;
const PAUSE_MS = 200;

/**
 * Looks again while something cannot be told apart, a few times. Between two steps of another host's set-up or clean-up
 * there are things that nobody can attribute (a chain without rules yet, a veth without its bridge); what is still
 * there after a second is no such thing, but left behind.
 */
export async function untilClear<T>(look: () => Promise<Look<T>>): Promise<T> {
  for (let count = 1; ; count += 1) {
    const { seen, unclear } = await look();
    if (unclear === 0 || count === LOOKS) return seen;
    await delay(PAUSE_MS);
  }
}
