import type { ContainerExit } from "@voiyd/runtime-api";
import { type ContainerRecord, readRecord } from "../container/container-store.js";
import { pause } from "../concurrency/pause.js";
import type { RuntimeContext } from "../context.js";
import { isRestarting } from "../lifecycle/restart-mark.js";
import { acrossOutages } from "../task/across-outages.js";
import { readTask } from "../task/task-state.js";
import { waitForExit } from "../task/wait-for-exit.js";
import { nextStep } from "./next-step.js";
import { readSupervised } from "./read-supervised.js";
import { supervisorLock } from "./supervisor-lock.js";

type Options = { signal?: AbortSignal };

/** How long a restart that its owner has begun is waited for: whoever began it may have died. In milliseconds. */
const PATIENCE_MS = 30_000;
/** How long a start that is due by the policy is waited for while nobody is in charge: somebody may be just coming. */
const UNATTENDED_MS = 5_000;
/** Between two looks: at once when the next start is due, and no longer than this, because an owner may end it before. */
const LOOK_MS = { shortest: 50, longest: 500 } as const;
/** So many looks in a row must say so: between two questions of one look somebody can have finished a restart. */
const SURE = 2;

/**
 * Resolves with a container's exit when nobody starts it again: neither its owner, who is at a restart, nor whoever
 * supervises it, by its policy. Rejects when it has been deleted.
 */
export async function lastEnd(
  context: RuntimeContext,
  { id }: ContainerRecord,
  options: Options,
): Promise<ContainerExit> {
  for (;;) {
    const exit = await waitForExit(context, id, options);
    if (!(await comesBack(context, id, options))) return exit;
  }
}

/** Resolves with true when the container is up again, with false when it will not be. */
async function comesBack(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  let marked: number | undefined;
  let attended = performance.now();
  for (let sure = 0; sure < SURE;) {
    const outlook = await acrossOutages(context, () => look(context, id, options), options);
    if (outlook === "up") return true;
    if (outlook === "over") return false;
    const now = performance.now();
    marked = outlook.isRestarting ? (marked ?? now) : undefined;
    const isAwaited = marked !== undefined && now - marked < PATIENCE_MS;
    if (!isAwaited && outlook.nextStart === undefined) {
      sure++;
      continue;
    }
    sure = 0;
    if (isAwaited || (await context.host.isLocked(supervisorLock(context)))) attended = now;
    else if (now - attended > UNATTENDED_MS) return false;
    const due = isAwaited ? 0 : (outlook.nextStart ?? 0) - Date.now();
    await pause(Math.min(Math.max(due, LOOK_MS.shortest), LOOK_MS.longest), options);
  }
  return false;
}

interface Down {
  readonly isRestarting: boolean;
  /** When its policy wants it to be started; undefined when not at all. In milliseconds since 1970. */
  readonly nextStart: number | undefined;
}

async function look(context: RuntimeContext, id: string, options: Options): Promise<"up" | "over" | Down> {
  // Asked before the task: a restart whose mark is gone again has a task to be seen, or that has ended as well.
  const isMarked = await isRestarting(context, id);
  const [{ kind }, record] = await Promise.all([readTask(context, id, options), readRecord(context, id, options)]);
  if (kind === "running" || kind === "paused" || kind === "created") return "up";
  if (!isMarked && record?.supervised !== true) return "over";
  const seen = record === undefined ? undefined : await readSupervised(context, record, options);
  if (seen?.task === "running" || seen?.task === "paused") return "up";
  // Asked last: whoever restarts a container has said so before he ends it.
  const marked = await isRestarting(context, id);
  if (seen === undefined) return { isRestarting: marked, nextStart: undefined };
  const now = new Date();
  const step = nextStep(seen, now);
  switch (step.kind) {
    case "wait":
      return { isRestarting: marked, nextStart: step.until.getTime() };
    case "start":
      return { isRestarting: marked, nextStart: now.getTime() };
    case "decide":
      return { isRestarting: marked, nextStart: step.restart.restartAt?.getTime() };
    default:
      return { isRestarting: marked, nextStart: undefined };
  }
}
