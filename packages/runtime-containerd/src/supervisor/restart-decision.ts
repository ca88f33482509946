import type { ContainerExit, RestartPolicy } from "@voiyd/runtime-api";
import type { RestartRecord } from "../container/restart-record.js";

/** Docker's: the first back-off, the longest one, and the life after which it begins anew. In milliseconds. */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
const LONG_LIFE_MS = 10_000;

/** A life that has ended. */
export interface EndedLife {
  /** By its start. */
  readonly life: string;
  readonly exitCode: ContainerExit["exitCode"];
  readonly ranMs: number;
}

/**
 * What the policy says of a container that has ended by itself. An exit that nobody saw counts as a failure: a process
 * that did its work has been seen to, and Docker counts it so too.
 */
export function decideRestart(
  policy: RestartPolicy,
  before: RestartRecord | undefined,
  { life, exitCode, ranMs }: EndedLife,
  now: Date,
): RestartRecord {
  const count = before?.count ?? 0;
  if (!wantsRestart(policy, count, exitCode)) return { life, count, delayMs: before?.delayMs ?? 0 };
  return restartLater(before, life, ranMs, now);
}

/** A further start, after the back-off. */
export function restartLater(
  before: RestartRecord | undefined,
  life: string,
  ranMs: number,
  now: Date,
): RestartRecord & { readonly restartAt: Date } {
  const delayMs = nextDelay(before?.delayMs ?? 0, ranMs);
  return { life, count: (before?.count ?? 0) + 1, delayMs, restartAt: new Date(now.getTime() + delayMs) };
}

/** Whether a container that ran in an earlier boot of the host runs in this one, as Docker's do after its daemon's start. */
export function runsAfterBoot({ name }: RestartPolicy, stopped: boolean): boolean {
  return name === "always" || (name === "unless-stopped" && !stopped);
}

function wantsRestart({ name, maxRetries }: RestartPolicy, count: number, exitCode: EndedLife["exitCode"]): boolean {
  switch (name) {
    case "no":
      return false;
    case "always":
    case "unless-stopped":
      return true;
    case "on-failure":
      return exitCode !== 0 && (maxRetries === undefined || count < maxRetries);
  }
}

function nextDelay(last: number, ranMs: number): number {
  if (last === 0 || ranMs >= LONG_LIFE_MS) return FIRST_DELAY_MS;
  return Math.min(last * 2, LONGEST_DELAY_MS);
}
