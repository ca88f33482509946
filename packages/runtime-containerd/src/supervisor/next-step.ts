import type { ContainerExit, HealthCheck, RestartPolicy } from "@voiyd/runtime-api";
import type { HealthRecord } from "../container/health-record.js";
import type { RestartRecord } from "../container/restart-record.js";
import { nextProbeAt } from "./health-decision.js";
import { decideRestart, restartLater, runsAfterBoot } from "./restart-decision.js";

/** Everything about a container that was started which says what is to be done with it. */
export interface Supervised {
  /** By its start. */
  readonly life: string;
  readonly task: "running" | "paused" | "down" | "unknown";
  /** Of a container that is down. */
  readonly exit: ContainerExit;
  /** Its owner has ended it. */
  readonly stopped: boolean;
  /** This life began in this boot of the host. */
  readonly thisBoot: boolean;
  readonly policy: RestartPolicy;
  readonly check: HealthCheck | undefined;
  readonly restart: RestartRecord | undefined;
  readonly health: HealthRecord;
}

/**
 * - `rest`: nobody needs to look at it before something happens to it
 * - `watch`: somebody has to see what happens to it next
 * - `wait`: and to look again at a moment at the latest
 * - `decide`: this is to be written down; `forgetStop` with it, that its owner had ended it
 * - `start`, `end`: as it is written down
 * - `probe`: its health
 */
export type Step =
  | { readonly kind: "rest" | "watch" | "start" | "end" | "probe" }
  | { readonly kind: "wait"; readonly until: Date }
  | { readonly kind: "decide"; readonly restart: RestartRecord; readonly forgetStop?: true };

/** How soon a container is looked at again whose state could not be read, in milliseconds. */
const UNKNOWN_MS = 5_000;

/** The next thing to be done with a container. Pure: all that it goes by is kept with the container, and the time. */
export function nextStep(container: Supervised, now: Date): Step {
  switch (container.task) {
    case "unknown":
      return { kind: "wait", until: new Date(now.getTime() + UNKNOWN_MS) };
    case "down":
      return whenDown(container, now);
    default:
      return whenUp(container, now);
  }
}

function whenUp({ task, stopped, life, policy, check, restart, health }: Supervised, now: Date): Step {
  const isEnding = restart?.life === life && restart.restartAt !== undefined;
  if (isEnding && !stopped) return { kind: "end" };
  const watched = check !== undefined || policy.name !== "no";
  if (check === undefined || task === "paused" || stopped) return { kind: watched ? "watch" : "rest" };
  if (check.restart === true && health.status === "unhealthy") {
    return { kind: "decide", restart: restartLater(restart, life, now.getTime() - Date.parse(life), now) };
  }
  const until = nextProbeAt(check, health);
  return until > now ? { kind: "wait", until } : { kind: "probe" };
}

function whenDown({ life, exit, stopped, thisBoot, policy, restart }: Supervised, now: Date): Step {
  const decided = restart?.life === life ? restart : undefined;
  if (decided?.restartAt !== undefined && !stopped) {
    return decided.restartAt > now ? { kind: "wait", until: decided.restartAt } : { kind: "start" };
  }
  if (!thisBoot) {
    if (!runsAfterBoot(policy, stopped)) return { kind: "rest" };
    return { kind: "decide", restart: { life, count: 0, delayMs: 0, restartAt: now }, forgetStop: true };
  }
  if (stopped || decided !== undefined || policy.name === "no") return { kind: "rest" };
  const ranMs = Math.max(0, (exit.exitedAt ?? now).getTime() - Date.parse(life));
  return { kind: "decide", restart: decideRestart(policy, restart, { life, exitCode: exit.exitCode, ranMs }, now) };
}
