import { isContainerdError } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";
import { taskState, type TaskState } from "./task-state.js";

type Options = { signal?: AbortSignal; timeoutMs: number };

/**
 * The states of all tasks, by container, in one call. Containerd asks one shim after the other, waits for one that does
 * not answer, and leaves it out: who is not named here may have a task all the same. Undefined where the answer did not
 * come in time, or not at all; then each task has to be asked for itself.
 */
export async function listTasks(
  context: RuntimeContext,
  { signal, timeoutMs }: Options,
): Promise<ReadonlyMap<string, TaskState> | undefined> {
  try {
    const { tasks } = await context.client.tasks.list({}, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
    return new Map(
      // The one field that the list fills with the container's id is the process's own (seen with 1.6 to 2.x).
      tasks.map((process) => [process.containerId === "" ? process.id : process.containerId, taskState(process)]),
    );
  } catch (error) {
    if (isContainerdError(error) && !error.connection) return undefined;
    throw error;
  }
}
