import { isContainerdError } from "@voiyd/containerd-client";
import { pause } from "../concurrency/pause.js";
import type { RuntimeContext } from "../context.js";

const ATTEMPTS = 10;
const PAUSE_MS = 50;

/** Removes a container's snapshot. Absent is success. One that is still in use is tried again for a moment. */
export async function removeSnapshot(
  context: RuntimeContext,
  snapshotter: string,
  key: string,
  options: { signal?: AbortSignal },
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await context.client.snapshots.remove({ snapshotter, key }, options);
      return;
    } catch (error) {
      if (isContainerdError(error, "not_found")) return;
      const busy = isContainerdError(error) && (error.code === "failed_precondition" || /busy/.test(error.message));
      if (!busy || attempt >= ATTEMPTS) throw error;
      await pause(PAUSE_MS * attempt, options);
    }
  }
}
