import { type Attachment, canRecoverNetworks } from "@voiyd/runtime-api";
import { type ContainerRecord, listRecords, writeStarted } from "../container/container-store.js";
import { networkRecord } from "../container/network-record.js";
import { hostId, type RuntimeContext } from "../context.js";
import { withContainer } from "../lifecycle/container-lock.js";
import { isManaged } from "../run/network.js";
import { deleteTask } from "../task/delete-task.js";
import { readTask, type TaskState } from "../task/task-state.js";
import type { Finding, Options } from "./finder.js";
import { taskStates } from "./task-states.js";

/** A shim may take this long to answer, in milliseconds. */
const ANSWER_MS = 3_000;

type Verdict = "undo" | "complete" | "fine";

/**
 * Containers whose start was interrupted: one whose process has not begun is as before, one whose process has begun
 * is running, and its record says so. Who starts a container holds its lock, so whoever has the lock sees no start under
 * way.
 */
export async function findHalfStarted(context: RuntimeContext, options: Options): Promise<readonly Finding[]> {
  const idle: ContainerRecord[] = [];
  for await (const record of listRecords(context, [], options)) {
    if (record.phase === "created" || (record.phase === "running" && record.exit === undefined)) idle.push(record);
  }
  const tasks = await taskStates(context, idle, options);
  const attached = new Map((await attachments(context, options)).map((one) => [one.containerId, one]));
  return idle.flatMap((record) => {
    const attachment = attached.get(hostId(context, record.id));
    return judge(record, tasks.get(record.id), attachment) === "fine" ? [] : [finding(context, record, attachment)];
  });
}

function finding(context: RuntimeContext, { id, name }: ContainerRecord, attachment: Attachment | undefined): Finding {
  return {
    kind: "container",
    subject: `${name} (${id})`,
    meaning: "its start was interrupted",
    mend: (options) =>
      withContainer(context, id, options, async (record) => {
        const task = await readTask(context, id, { ...options, timeoutMs: ANSWER_MS });
        const verdict = judge(record, task, attachment);
        if (verdict === "complete") await writeStarted(context, id, networkRecord(attachment, new Date()), options);
        if (verdict !== "undo") return;
        await deleteTask(context, id, options);
        if (isManaged(record.stored().config)) await context.network.detach(hostId(context, id), options);
      }),
  };
}

function judge(record: ContainerRecord, task: TaskState | undefined, attachment: Attachment | undefined): Verdict {
  const { phase } = record;
  if (phase !== "created" && phase !== "running") return "fine";
  if (task?.kind === "created") return "undo";
  if (phase === "running") return "fine";
  if (task === undefined) return "fine";
  if (task.kind === "none") return attachment === undefined ? "fine" : "undo";
  return task.kind === "running" || task.kind === "paused" || task.kind === "stopped" ? "complete" : "fine";
}

async function attachments({ network }: RuntimeContext, options: Options): Promise<readonly Attachment[]> {
  return canRecoverNetworks(network) ? network.list(options) : [];
}
