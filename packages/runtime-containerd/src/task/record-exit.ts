import { isContainerdError } from "@voiyd/containerd-client";
import type { ContainerExit } from "@voiyd/runtime-api";
import { writeExit } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { wasOomKilled } from "./oom.js";

/** Keeps an exit with the container's record, so that it is known when the task is gone. Returns what was kept. */
export async function recordExit(
  context: RuntimeContext,
  id: string,
  exit: ContainerExit,
  options: { signal?: AbortSignal },
): Promise<ContainerExit> {
  const oomKilled = exit.oomKilled ?? (await wasOomKilled(context, id, options));
  const complete = oomKilled === undefined ? exit : { ...exit, oomKilled };
  try {
    await writeExit(context, id, complete, options);
  } catch (error) {
    // The record has been deleted meanwhile, and nobody can ask any more.
    if (!isContainerdError(error, "not_found")) throw error;
  }
  return complete;
}
