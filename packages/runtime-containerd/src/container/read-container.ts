import { type Container, CONTAINER_VERSION, isRuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { readTaskInTime } from "../task/read-task-in-time.js";
import type { TaskState } from "../task/task-state.js";
import { withExit } from "../task/with-exit.js";
import type { ContainerRecord } from "./container-store.js";
import { eachLogDisk, type LogDiskIsFull } from "./log-disks.js";
import { describe, statusOf } from "./status.js";

/** Reads a container's state now. A shim that does not answer makes its own container `unknown`, and nothing else. */
export async function readContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: { signal?: AbortSignal },
): Promise<Container> {
  const task = await readTaskInTime(context, record.id, options);
  return showContainer(await withExit(context, record, task, options), task, eachLogDisk(context));
}

/** A container as it is to be shown, from its record and its task; the task is undefined where it did not answer. */
export async function showContainer(
  record: ContainerRecord,
  task: TaskState | undefined,
  isFull: LogDiskIsFull,
): Promise<Container> {
  try {
    const container = describe(record, task);
    if (task?.kind !== "running" || !(await isFull(record.name))) return container;
    return { ...container, status: { ...container.status, error: LOG_DISK_FULL } };
  } catch (error) {
    if (!isRuntimeError(error, "DATA_LOSS")) throw error;
    return damaged(record, task, error.message);
  }
}

/**
 * The shim stops copying at the first write that fails, and never begins again: from then on the container is held up
 * when its pipe is full, and nothing else tells of it.
 */
const LOG_DISK_FULL = "the disk of its log is full: it is held up as soon as it writes, until it is run again";

/** A container whose stored object cannot be read is shown all the same: it has to be seen to be deleted. */
function damaged(record: ContainerRecord, task: TaskState | undefined, error: string): Container {
  const never = new Date(0);
  return {
    version: CONTAINER_VERSION,
    meta: { name: record.name, labels: {}, created: never, updated: never, revision: 0 },
    config: { image: "" },
    status: { ...statusOf(record, task), error },
  };
}
