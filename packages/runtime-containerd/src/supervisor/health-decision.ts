import type { HealthCheck, HealthProbe } from "@voiyd/runtime-api";
import type { HealthRecord } from "../container/health-record.js";

/** Docker's defaults, in milliseconds where they are times. */
const INTERVAL_MS = 30_000;
const START_INTERVAL_MS = 5_000;
const RETRIES = 3;
export const PROBE_TIMEOUT_MS = 30_000;

const KEPT_PROBES = 5;

/** When the next probe is due: an interval after the last one, or after the start. */
export function nextProbeAt(check: HealthCheck, health: HealthRecord): Date {
  const last = health.log.at(-1)?.end ?? startOf(health);
  const starting = health.status === "starting" && isStartPeriod(check, health, last);
  const interval = starting ? (check.startIntervalMs ?? START_INTERVAL_MS) : (check.intervalMs ?? INTERVAL_MS);
  return new Date(last.getTime() + interval);
}

/** The health after a probe. During the start period failures do not count, until one has succeeded. */
export function afterProbe(check: HealthCheck, health: HealthRecord, probe: HealthProbe): HealthRecord {
  const { life } = health;
  const log = [...health.log, probe].slice(-KEPT_PROBES);
  if (probe.exitCode === 0) return { life, status: "healthy", failingStreak: 0, log };
  if (health.status === "starting" && isStartPeriod(check, health, probe.start)) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  const status = failingStreak >= (check.retries ?? RETRIES) ? "unhealthy" : health.status;
  return { life, status, failingStreak, log };
}

function isStartPeriod({ startPeriodMs = 0 }: HealthCheck, health: HealthRecord, at: Date): boolean {
  return at.getTime() - startOf(health).getTime() < startPeriodMs;
}

function startOf({ life }: HealthRecord): Date {
  return new Date(life);
}
