import { isContainerdError } from "@voiyd/containerd-client";
import { type Container, CONTAINER_VERSION, isRuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { readTask, type TaskState } from "../task/task-state.js";
import type { ContainerRecord } from "./container-store.js";
import { eachLogDisk, type LogDiskIsFull } from "./log-disks.js";
import { describe, statusOf } from "./status.js";

/** Longer than the daemon itself waits for a shim, in milliseconds. */
const ANSWER_MS = 3_000;

/** Reads a container's state now. A shim that does not answer makes its own container `unknown`, and nothing else. */
export async function readContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: { signal?: AbortSignal },
): Promise<Container> {
  return showContainer(record, await readTaskInTime(context, record.id, options), eachLogDisk(context));
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

/** What the task does; undefined when the shim did not answer in time. */
export async function readTaskInTime(
  context: RuntimeContext,
  id: string,
  options: { signal?: AbortSignal },
): Promise<TaskState | undefined> {
  try {
    return await readTask(context, id, { ...options, timeoutMs: ANSWER_MS });
  } catch (error) {
    if (isContainerdError(error) && !error.connection) return undefined;
    throw error;
  }
}

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
