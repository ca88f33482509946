import { type ContainerdError, isContainerdError } from "@voiyd/containerd-client";
import { RuntimeError } from "@voiyd/runtime-api";
import { pause } from "../concurrency/pause.js";
import type { RuntimeContext } from "../context.js";
import { endStrayShims } from "./end-stray-shims.js";
import { SIGKILL, signalTask } from "./signal-task.js";
import { isBeingDeleted, isShimWithoutTask } from "./task-state.js";

const DEADLINE_MS = 30_000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/**
 * Deletes the container's task until containerd says that there is none, because a half-made shim hides behind an
 * answer that reads like absence. A process that is alive is killed. Then removes what a daemon that died has left of the
 * task in its folders, because no later one does. Throws when it cannot be done in half a minute.
 */
export async function deleteTask(
  context: RuntimeContext,
  id: string,
  options: { signal?: AbortSignal },
): Promise<void> {
  const end = performance.now() + DEADLINE_MS;
  let contested = false;
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      await context.client.tasks.delete({ containerId: id }, options);
    } catch (error) {
      if (!isContainerdError(error)) throw error;
      if (isAbsence(error)) {
        // A delete that meets the task's making, or another delete, can end the daemon's connection to the shim before that was
        // told to end; then it never is (the first seen with 1.6, the second with 2.4).
        if (contested) await endStrayShims(context, id);
        await context.taskFolders.remove(id, options);
        return;
      }
      contested = true;
      if (error.connection) await context.client.waitUntilReady(options);
      if (performance.now() > end) {
        throw new RuntimeError("TIMEOUT", `the task of container ${id} cannot be deleted: ${error.message}`, {
          cause: error,
          details: { container: id },
        });
      }
      // Running, paused or created: whatever it is, it must not live on.
      await killQuietly(context, id, options);
      await pause(wait, options);
    }
    // A successful delete does not prove that nothing is left; the next round's "there is none" does.
  }
}

function isAbsence({ code, message }: ContainerdError): boolean {
  return code === "not_found" && !isShimWithoutTask(message) && !isBeingDeleted(message);
}

async function killQuietly(context: RuntimeContext, id: string, options: { signal?: AbortSignal }): Promise<void> {
  try {
    await signalTask(context, id, SIGKILL, { ...options, all: true });
  } catch (error) {
    // The delete that follows fails too, and reports why.
    if (!isContainerdError(error)) throw error;
    context.logger.debug("kill before delete failed", { container: id, error });
  }
}
