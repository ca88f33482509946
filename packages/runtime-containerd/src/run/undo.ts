import { RuntimeError } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapError } from "../errors/map-error.js";
import { removeContainer } from "../remove/remove-container.js";

/** Undoing has a deadline of its own, in milliseconds: the caller's patience is over already. */
const DEADLINE_MS = 60_000;

/**
 * Removes what a failed or aborted run has made, and returns the error to reject with: the first one, or, where
 * something could not be undone, one that names both.
 */
export async function undo(
  context: RuntimeContext,
  container: { readonly id: string; readonly name: string },
  reason: unknown,
): Promise<unknown> {
  const error = mapError(reason, `container ${container.name}`);
  try {
    await removeContainer(context, container, { signal: AbortSignal.timeout(DEADLINE_MS) });
    return error;
  } catch (remains) {
    const what = remains instanceof RuntimeError ? remains.message : String(remains);
    const leftovers = remains instanceof RuntimeError ? remains.details["leftovers"] : undefined;
    return new RuntimeError(
      error instanceof RuntimeError ? error.code : "CLEANUP_INCOMPLETE",
      `${error instanceof RuntimeError ? error.message : `container ${container.name}: aborted`}; ${what}`,
      {
        hint: "delete the container once the reason is mended: what is left is kept under its name",
        cause: new AggregateError([error, remains]),
        details: { container: container.id, ...(leftovers === undefined ? {} : { leftovers }) },
      },
    );
  }
}
