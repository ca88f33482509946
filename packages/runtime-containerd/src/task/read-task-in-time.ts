import { isContainerdError } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";
import { findShim, isStopped } from "../host/shim-process.js";
import { readTask, type TaskState } from "./task-state.js";

/** Longer than the daemon itself waits for a shim, in milliseconds. */
const ANSWER_MS = 3_000;
/** Who has not answered by then is looked at: a busy host is waited for, a stopped shim is not. In milliseconds. */
const SUSPECT_MS = 300;

/** What the task does; undefined when its shim is stopped, or did not answer in time. */
export async function readTaskInTime(
  context: RuntimeContext,
  id: string,
  options: { signal?: AbortSignal },
): Promise<TaskState | undefined> {
  const giveUp = new AbortController();
  const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([options.signal, giveUp.signal]);
  const timer = setTimeout(() => {
    const shim = findShim(context.namespace, id);
    if (shim !== undefined && isStopped(shim)) giveUp.abort();
  }, SUSPECT_MS);
  try {
    return await readTask(context, id, { signal, timeoutMs: ANSWER_MS });
  } catch (error) {
    if (giveUp.signal.aborted && options.signal?.aborted !== true) return undefined;
    if (isContainerdError(error) && !error.connection) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
