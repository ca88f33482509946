import { isContainerdError } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";

export const SIGKILL = 9;

/**
 * Sends a signal to the container's first process, or, with `all`, to every process of it. Returns false when there
 * was nothing to send it to any more, which is as good.
 */
export async function signalTask(
  context: RuntimeContext,
  id: string,
  signal: number,
  options: { all?: boolean; signal?: AbortSignal },
): Promise<boolean> {
  const { all = false, ...call } = options;
  try {
    await context.client.tasks.kill({ containerId: id, signal, all }, call);
    return true;
  } catch (error) {
    if (isContainerdError(error, "not_found")) return false;
    // Several releases report a process that has just ended with a text only.
    if (isContainerdError(error) && /process already finished|no such process/.test(error.message)) return false;
    throw error;
  }
}
