import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { exitFromWire } from "./exit.js";
import { wasOomKilled } from "./oom.js";
import type { TaskState } from "./task-state.js";

/** The record with the exit that its task tells of, where the task has ended and nobody has written down how. */
export async function withExit(
  context: RuntimeContext,
  record: ContainerRecord,
  task: TaskState | undefined,
  options: { signal?: AbortSignal },
): Promise<ContainerRecord> {
  if (record.exit !== undefined || task?.kind !== "stopped") return record;
  const exit = exitFromWire(task.process);
  if (exit.exitCode === "unknown") return { ...record, exit };
  const oomKilled = await wasOomKilled(context, record.id, options);
  return { ...record, exit: oomKilled === undefined ? exit : { ...exit, oomKilled } };
}
