import { isContainerdError, type Process, TaskStatus } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";

type Options = { signal?: AbortSignal; timeoutMs?: number };

/**
 * - `none`: the container has no task
 * - `shim-only`: a shim holds the container's bundle and cgroup, but no task came to be (the daemon died meanwhile).
 *   Only a delete of the task removes it.
 */
export type TaskState =
  | { readonly kind: "none" | "shim-only" }
  | { readonly kind: "created" | "running" | "paused" | "stopped" | "unknown"; readonly process: Process };

/** Reads what the container's task does. Throws what containerd answers besides "there is none". */
export async function readTask(context: RuntimeContext, id: string, options: Options): Promise<TaskState> {
  try {
    const { process } = await context.client.tasks.get({ containerId: id }, options);
    return process === undefined ? { kind: "none" } : taskState(process);
  } catch (error) {
    if (!isContainerdError(error, "not_found")) throw error;
    return { kind: isShimWithoutTask(error.message) ? "shim-only" : "none" };
  }
}

export function taskState(process: Process): TaskState {
  return { kind: kindOf(process.status), process };
}

/** Containerd answers both with the same code; only the text tells them apart (seen with 1.6 to 2.x). */
export function isShimWithoutTask(message: string): boolean {
  return message.includes("container not created");
}

/** Somebody else's delete of the same task has come first, and is not through yet (the shim's text, seen with 2.4). */
export function isBeingDeleted(message: string): boolean {
  return message.includes("deleted process");
}

function kindOf(status: TaskStatus): "created" | "running" | "paused" | "stopped" | "unknown" {
  switch (status) {
    case TaskStatus.CREATED:
      return "created";
    case TaskStatus.RUNNING:
      return "running";
    case TaskStatus.PAUSED:
    case TaskStatus.PAUSING:
      return "paused";
    case TaskStatus.STOPPED:
      return "stopped";
    default:
      return "unknown";
  }
}
