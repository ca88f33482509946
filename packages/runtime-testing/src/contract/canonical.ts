import { strictEqual } from "node:assert/strict";
import { types } from "node:util";

/**
 * A text that is the same for values that mean the same: keys sorted, absent and undefined alike, dates as times. Unlike
 * deep equality it is blind to prototypes and realms, so a label map may have no prototype and a test may run in Jest.
 */
export function canonical(value: unknown): string {
  return JSON.stringify({ value: ordered(value) }, null, 1);
}

/** Fails when the two values do not mean the same, and shows where they differ. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  strictEqual(canonical(actual), canonical(expected), message);
}

function ordered(value: unknown): unknown {
  if (types.isDate(value)) return { "[date]": value.getTime() };
  if (typeof value === "number" && !Number.isFinite(value)) return { "[number]": String(value) };
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  // A list of pairs and not an object: JSON.parse and friends treat the key `__proto__` in their own ways.
  return { "[entries]": entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, ordered(item)]) };
}
