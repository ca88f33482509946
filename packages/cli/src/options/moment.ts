import { invalid } from "@voiyd/runtime-api";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^-?(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * A time as Docker takes it: a date as `2026-01-02T15:04:05Z` (without a zone it is this host's), seconds since 1970 as
 * `1136073845.5`, or how long ago, as `42m`. Throws `INVALID_ARGUMENT`.
 */
export function parseMoment(option: string, text: string, now: Date): Date {
  const time = new Date(millisecondsOf(text, now));
  if (Number.isNaN(time.getTime())) {
    throw invalid(option, text, "a time as 2026-01-02T15:04:05Z, seconds since 1970, or how long ago, as 42m");
  }
  return time;
}

function millisecondsOf(text: string, now: Date): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (DURATION.test(text)) {
    const sum = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
      (total, [, amount, unit]) => total + Number(amount) * (UNITS[unit ?? ""] ?? Number.NaN),
      0,
    );
    return now.getTime() - (text.startsWith("-") ? -sum : sum);
  }
  if (!DATE.test(text)) return Number.NaN;
  const [day = "", time] = text.split("T");
  if (time === undefined) return Date.parse(`${day}T00:00:00`);
  const [, clock = "", zone = ""] = /^([0-9:.]+)(.*)$/.exec(time) ?? [];
  const parts = clock.split(":");
  const [hours = "00", minutes = "00", seconds = "00"] = parts;
  return Date.parse(`${day}T${hours}:${minutes}:${seconds}${zone}`);
}
