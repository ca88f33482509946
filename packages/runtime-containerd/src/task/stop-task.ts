import { type ContainerExit, RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { within } from "../concurrency/within.js";
import { deleteTask } from "./delete-task.js";
import { exitFromWire } from "./exit.js";
import { recordExit } from "./record-exit.js";
import { SIGKILL, signalTask } from "./signal-task.js";
import { readTask } from "./task-state.js";
import { waitForExit } from "./wait-for-exit.js";

type Options = { signal?: AbortSignal };

export interface StopPlan {
  /** Sent first; SIGKILL goes straight to the end. */
  readonly stopSignal: number;
  /** How long to wait after it, in milliseconds. */
  readonly timeoutMs: number;
}

/** After SIGKILL only the kernel stands between a process and its end: what takes longer is stuck in it. */
const KILL_TIMEOUT_MS = 10_000;

/**
 * Ends the container's task and keeps its exit on record. Resolves when no process of the container lives; throws
 * `STOP_TIMEOUT` when SIGKILL does not end it.
 */
export async function stopTask(context: RuntimeContext, id: string, plan: StopPlan, options: Options): Promise<void> {
  const task = await readTask(context, id, options);
  if (task.kind === "none" || task.kind === "shim-only") return;
  if (task.kind === "stopped") {
    await settle(context, id, exitFromWire(task.process), options);
    return;
  }
  // A frozen process takes no signals, not even the last one.
  if (task.kind === "paused") await context.client.tasks.resume({ containerId: id }, options);

  const ended = new AbortController();
  const waitSignal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal]);
  // Opened before the signal is sent, so that the exit cannot be missed.
  const exit = waitForExit(context, id, { signal: waitSignal });
  try {
    await settle(context, id, await endProcess(context, id, plan, exit, options), options);
  } finally {
    ended.abort();
    // A rejection that is not awaited above (an abort, a failed signal) has no other listener.
    exit.catch(() => undefined);
  }
}

async function endProcess(
  context: RuntimeContext,
  id: string,
  plan: StopPlan,
  exit: Promise<ContainerExit>,
  options: Options,
): Promise<ContainerExit> {
  if (plan.stopSignal !== SIGKILL && plan.timeoutMs > 0) {
    await signalTask(context, id, plan.stopSignal, options);
    const graceful = await within(exit, plan.timeoutMs, options.signal);
    if (graceful !== undefined) return graceful;
  }
  await signalTask(context, id, SIGKILL, { ...options, all: true });
  const killed = await within(exit, KILL_TIMEOUT_MS, options.signal);
  if (killed !== undefined) return killed;
  throw new RuntimeError("STOP_TIMEOUT", `container ${id} lives on ${String(KILL_TIMEOUT_MS / 1000)} s after SIGKILL`, {
    hint: "its process is stuck in the kernel, or its shim is frozen: look at the host's processes",
    details: { container: id },
  });
}

/** Keeps the exit, then frees the shim: a stopped task holds a process and memory for nothing. */
async function settle(context: RuntimeContext, id: string, exit: ContainerExit, options: Options): Promise<void> {
  await recordExit(context, id, exit, options);
  await deleteTask(context, id, options);
}
