import { readRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { listShims } from "../host/list-shims.js";
import { withContainer } from "../lifecycle/container-lock.js";
import { deleteTask } from "../task/delete-task.js";
import { readTask } from "../task/task-state.js";
import type { Finding, Options } from "./finder.js";

/** One that does not answer within this time, in milliseconds, is not known to be without a task. */
const ANSWER_MS = 3_000;

/**
 * Shims of our containers that hold no task: the daemon died in the middle of making one. A delete of the task that there
 * is none of is what ends them. Those of containers that are gone go with the rest of these.
 */
export async function findShims(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const { client, namespace } = context;
  const own = listShims().filter((shim) => shim.namespace === namespace && shim.address === client.address);
  const findings: Finding[] = [];
  for (const { id } of own) {
    const record = await readRecord(context, id, options);
    if (record === undefined) continue;
    // One that is being made has no task for a moment.
    if (record.phase !== "running" && record.phase !== "created") continue;
    if (!(await isWithoutTask(context, id, options))) continue;
    findings.push({
      kind: "shim",
      subject: `${record.name} (${id})`,
      meaning: "the daemon died while it made the task",
      mend: (call) =>
        withContainer(context, id, call, async () => {
          if (await isWithoutTask(context, id, call)) await deleteTask(context, id, call);
        }),
    });
  }
  return findings;
}

async function isWithoutTask(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  return (await readTask(context, id, { ...options, timeoutMs: ANSWER_MS })).kind === "shim-only";
}
