import { isContainerdError } from "@voiyd/containerd-client";
import { type Container, CONTAINER_VERSION, isRuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { readTask, type TaskState } from "../task/task-state.js";
import type { ContainerRecord } from "./container-store.js";
import { describe, statusOf } from "./status.js";

/** Longer than the daemon itself waits for a shim, in milliseconds. */
const ANSWER_MS = 3_000;

/** Reads a container's state now. A shim that does not answer makes its own container `unknown`, and nothing else. */
export async function readContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: { signal?: AbortSignal },
): Promise<Container> {
  const task = await readTaskInTime(context, record.id, options);
  try {
    return describe(record, task);
  } catch (error) {
    if (!isRuntimeError(error, "DATA_LOSS")) throw error;
    return damaged(record, task, error.message);
  }
}

async function readTaskInTime(
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
