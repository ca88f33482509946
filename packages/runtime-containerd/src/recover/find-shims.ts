import { readRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { listShims, type ShimProcess } from "../host/list-shims.js";
import { strayShims } from "../host/stray-shims.js";
import { withContainer } from "../lifecycle/container-lock.js";
import { deleteTask } from "../task/delete-task.js";
import { endStrayShims } from "../task/end-stray-shims.js";
import { readTask } from "../task/task-state.js";
import type { Finding, Options } from "./finder.js";
import { isOwnId } from "./is-own-id.js";
import { isUnknown } from "./is-unknown.js";
import { rests } from "./rests.js";

/** One that does not answer within this time, in milliseconds, is not known to be without a task. */
const ANSWER_MS = 3_000;

/** Shims of our daemon that hold no task. Those of containers that are gone, and that it knows, go with the rest of these. */
export async function findShims(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  return [...(await findEmpty(context, options)), ...(await findStray(context, options))];
}

function isOwn({ client, namespace }: RuntimeContext): (shim: ShimProcess) => boolean {
  return (shim) => shim.namespace === namespace && shim.address === client.address;
}

/** The daemon died in the middle of making a task. A delete of the task that there is none of is what ends them. */
async function findEmpty(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { id } of listShims().filter(isOwn(context))) {
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

/** The daemon has given them up, and they did not hear of it: see `strayShims`. */
async function findStray(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const isCandidate = isOwn(context);
  const findings: Finding[] = [];
  for (const { id } of await strayShims((shim) => isCandidate(shim) && isOwnId(shim.id))) {
    const unknown = await isUnknown(context, id, options);
    if (!unknown && !(await rests(context, id, options))) continue;
    findings.push({
      kind: "shim",
      subject: id,
      meaning: "its daemon has given it up",
      mend: async (call) => {
        const isNobodys = unknown ? isUnknown : rests;
        const end = async (): Promise<void> => {
          if (await isNobodys(context, id, call)) await endStrayShims(context, id);
        };
        await (unknown ? end() : withContainer(context, id, call, end));
      },
    });
  }
  return findings;
}

async function isWithoutTask(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  return (await readTask(context, id, { ...options, timeoutMs: ANSWER_MS })).kind === "shim-only";
}
