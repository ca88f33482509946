import { invalid } from "./invalid.js";

/** Throws `INVALID_ARGUMENT` for what is given and is not a whole number of the range. */
export function assertWhole(
  option: string,
  value: unknown,
  least: number,
  most: number,
  unit = "a whole number",
): void {
  if (value === undefined) return;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range =
    most === Number.MAX_SAFE_INTEGER ? `at least ${String(least)}` : `from ${String(least)} to ${String(most)}`;
  throw invalid(option, value, `${unit}, ${range}`);
}

/** As above, or -1, which lifts the limit. */
export function assertWholeOrUnlimited(option: string, value: unknown, least: number, unit = "a whole number"): void {
  if (value === undefined || value === -1) return;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return;
  throw invalid(option, value, `${unit}, at least ${String(least)}, or -1 for no limit`);
}
