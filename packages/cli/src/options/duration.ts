import { invalid } from "@voiyd/runtime-api";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * Milliseconds for `10` (seconds, as Docker takes them), `1m30s` or `500ms`; `-1` is without an end. Throws
 * `INVALID_ARGUMENT`.
 */
export function parseDuration(option: string, text: string): number {
  if (text === "-1") return Infinity;
  const milliseconds = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : withUnits(text);
  if (milliseconds === undefined || !Number.isSafeInteger(Math.round(milliseconds))) {
    throw invalid(option, text, "a number of seconds, or a duration as 1m30s");
  }
  return Math.round(milliseconds);
}

function withUnits(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN), 0);
}
