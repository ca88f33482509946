import type { Health, HealthProbe } from "@voiyd/runtime-api";
import { isRecord } from "./json.js";

/** A container's health in one of its lives. */
export interface HealthRecord extends Health {
  /** The life that it is about, by its start. */
  readonly life: string;
}

export function parseHealth(value: unknown): HealthRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { life, status, failingStreak, log } = value;
  if (typeof life !== "string" || typeof failingStreak !== "number" || !isStatus(status)) return undefined;
  return { life, status, failingStreak, log: Array.isArray(log) ? log.flatMap(parseProbe) : [] };
}

/** The health of this life: of one that has just begun nothing is known. */
export function healthOf(record: HealthRecord | undefined, life: string): HealthRecord {
  return record?.life === life ? record : { life, status: "starting", failingStreak: 0, log: [] };
}

function isStatus(value: unknown): value is Health["status"] {
  return value === "starting" || value === "healthy" || value === "unhealthy";
}

function parseProbe(value: unknown): HealthProbe[] {
  if (!isRecord(value)) return [];
  const { start, end, exitCode, output } = value;
  if (typeof start !== "string" || typeof end !== "string") return [];
  if (typeof exitCode !== "number" || typeof output !== "string") return [];
  return [{ start: new Date(start), end: new Date(end), exitCode, output }];
}
