import { isContainerdError } from "@voiyd/containerd-client";
import { type ContainerExit, RuntimeError } from "@voiyd/runtime-api";
import { readRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { acrossOutages } from "./across-outages.js";
import { askShim } from "./ask-shim.js";
import { exitFromWire } from "./exit.js";
import { readTask } from "./task-state.js";
import { Unanswered } from "./unanswered.js";

type Options = { signal?: AbortSignal };

/**
 * Resolves with the exit of the container's first process: waits for it, or finds it on record. An interrupted wait is
 * taken up again from the state as it is then; it is never taken for an exit.
 */
export async function waitForExit(context: RuntimeContext, id: string, options: Options): Promise<ContainerExit> {
  const unanswered = new Unanswered();
  for (;;) {
    options.signal?.throwIfAborted();
    unanswered.begin();
    try {
      return exitFromWire(await context.client.tasks.wait({ containerId: id }, options));
    } catch (error) {
      if (!isContainerdError(error)) throw error;
      const tooOften = unanswered.isTooOften();
      await using shim = error.connection ? askShim(context, id) : undefined;
      const known = await acrossOutages(context, () => exitWithoutTask(context, id, options), options);
      if (known?.exitCode === "unknown") return (await shim?.exit()) ?? known;
      if (known !== undefined) return known;
      // The task is there, and yet its wait fails: once more, but not for ever.
      if (tooOften) throw error;
    }
  }
}

/** The exit of a container whose task is gone; undefined while it has one. */
async function exitWithoutTask(
  context: RuntimeContext,
  id: string,
  options: Options,
): Promise<ContainerExit | undefined> {
  const task = await readTask(context, id, options);
  if (task.kind === "stopped") return exitFromWire(task.process);
  if (task.kind !== "none" && task.kind !== "shim-only") return undefined;
  const record = await readRecord(context, id, options);
  if (record === undefined) {
    throw new RuntimeError("NOT_FOUND", `container ${id} was deleted, and its exit is not known`, {
      details: { container: id },
    });
  }
  return record.exit ?? { exitCode: "unknown" };
}
