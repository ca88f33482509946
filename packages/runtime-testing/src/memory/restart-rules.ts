import type { RestartPolicy } from "@voiyd/runtime-api";

/** Docker's: the first back-off, the longest one, and the life after which it begins anew. In milliseconds. */
const FIRST_MS = 100;
const LONGEST_MS = 60_000;
const LONG_LIFE_MS = 10_000;

/** The starts that a container has had beside its owner's, and the last back-off. */
export interface Restarts {
  readonly count: number;
  readonly delayMs: number;
}

/** What follows a life that has ended by itself; undefined where the policy lets it be. */
export function nextRestart(
  { name, maxRetries = Infinity }: RestartPolicy,
  { count, delayMs }: Restarts,
  { exitCode, ranMs }: { readonly exitCode: number | "unknown"; readonly ranMs: number },
): Restarts | undefined {
  if (name === "no") return undefined;
  if (name === "on-failure" && (exitCode === 0 || count >= maxRetries)) return undefined;
  const isFirst = delayMs === 0 || ranMs >= LONG_LIFE_MS;
  return { count: count + 1, delayMs: isFirst ? FIRST_MS : Math.min(delayMs * 2, LONGEST_MS) };
}
