import { type Container, isRuntimeError } from "@voiyd/runtime-api";
import { isRestarting } from "../../output/status.js";
import type { CommandRuntime } from "../command.js";

/** Whether it does nothing, and nothing is about to be done with it. */
export function isStopped({ status }: Pick<Container, "status">): boolean {
  return (status.phase === "exited" && !isRestarting(status)) || status.phase === "created";
}

/** Removes a container that was stopped when it was listed. False when somebody has started it, or removed it, since. */
export async function removeStopped(
  runtime: Pick<CommandRuntime, "get" | "delete">,
  id: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    if (!isStopped(await runtime.get(id, { signal }))) return false;
    await runtime.delete(id, { signal });
    return true;
  } catch (error) {
    if (isRuntimeError(error, "NOT_FOUND", "FAILED_PRECONDITION")) return false;
    throw error;
  }
}
