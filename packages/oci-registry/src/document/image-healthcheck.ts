import { asObject, type JsonObject, member, optionalStrings } from "./json-reader.js";

/** How the image's author would find out whether a container is well (Docker's extension of the image configuration). */
export interface ImageHealthcheck {
  /** `CMD`, `CMD-SHELL` or `NONE` with what belongs to it, as written. */
  readonly test: readonly string[];
  /** Milliseconds, as the following ones. Absent where the image says nothing, or nothing that can be. */
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly startPeriodMs?: number;
  readonly startIntervalMs?: number;
  readonly retries?: number;
}

const NANOSECONDS = 1_000_000;

/** Undefined where there is none. Throws `IMAGE_INVALID` for what is not made like one. */
export function readHealthcheck(value: unknown, where: string): ImageHealthcheck | undefined {
  if (value === undefined) return undefined;
  const object = asObject(value, where);
  const test = optionalStrings(object, "Test", where) ?? [];
  if (test.length === 0) return undefined;
  return {
    test,
    ...positive("intervalMs", object, "Interval", NANOSECONDS),
    ...positive("timeoutMs", object, "Timeout", NANOSECONDS),
    ...positive("startPeriodMs", object, "StartPeriod", NANOSECONDS),
    ...positive("startIntervalMs", object, "StartInterval", NANOSECONDS),
    ...positive("retries", object, "Retries", 1),
  };
}

/** 0 stands for "not said", as Go writes it. */
function positive<K extends string>(name: K, object: JsonObject, key: string, unit: number): { [key in K]?: number };
function positive(name: string, object: JsonObject, key: string, unit: number): Readonly<Record<string, number>> {
  const value = member(object, key);
  return typeof value === "number" && value > 0 ? { [name]: Math.max(1, Math.round(value / unit)) } : {};
}
