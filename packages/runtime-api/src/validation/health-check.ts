import type { HealthCheck } from "../health.js";
import { invalid } from "./invalid.js";
import { assertWhole } from "./number.js";

/** A week: more is a mistake in the unit, and a timer cannot wait for longer than three of them. */
const MOST_MS = 7 * 24 * 3_600_000;

/** Throws `INVALID_ARGUMENT`. */
export function assertHealthCheck(check: HealthCheck): void {
  if (check.test !== undefined) assertTest(check.test);
  for (const field of ["intervalMs", "timeoutMs", "startIntervalMs"] as const) {
    assertWhole(`healthCheck.${field}`, check[field], 1, MOST_MS, "milliseconds");
  }
  assertWhole("healthCheck.startPeriodMs", check.startPeriodMs, 0, MOST_MS, "milliseconds");
  assertWhole("healthCheck.retries", check.retries, 1, 2 ** 31 - 1);
}

function assertTest(test: readonly string[]): void {
  const [kind, ...words] = test;
  const counts = kind === "NONE" ? words.length === 0 : kind === "CMD-SHELL" ? words.length === 1 : words.length > 0;
  if ((kind !== "NONE" && kind !== "CMD" && kind !== "CMD-SHELL") || !counts) {
    throw invalid("healthCheck.test", kind, '["CMD", program, …arguments], ["CMD-SHELL", line] or ["NONE"]');
  }
  for (const word of words) {
    if (word.includes("\0")) throw invalid("healthCheck.test", word, "strings without NUL");
  }
}
