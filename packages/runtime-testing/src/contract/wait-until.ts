import { setTimeout as sleep } from "node:timers/promises";

const DEADLINE_MS = 60_000;
const PAUSE_MS = 20;

/** Looks again and again until it is so. Throws when it never becomes so. */
export async function waitUntil(look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  while (!(await look())) {
    if (performance.now() > end) throw new Error("what was waited for never came to be");
    await sleep(PAUSE_MS);
  }
}
