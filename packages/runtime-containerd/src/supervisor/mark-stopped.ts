import { isRuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { writeStopped } from "../container/supervision-store.js";
import type { RuntimeContext } from "../context.js";
import { withContainer } from "../lifecycle/container-lock.js";

type Options = { signal?: AbortSignal };

/** How long a start that is under way may keep its owner from ending the container, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Writes down that a container's owner ends it, before it is ended. A supervisor that is starting it just now has done so
 * when this resolves, and no other start follows. For containers that nobody would start again it does nothing.
 */
export async function markStopped(context: RuntimeContext, record: ContainerRecord, options: Options): Promise<void> {
  if (!record.supervised || record.stopped) return;
  const patience = AbortSignal.timeout(PATIENCE_MS);
  const signal = options.signal === undefined ? patience : AbortSignal.any([options.signal, patience]);
  try {
    await withContainer(context, record.id, { signal }, () => writeStopped(context, record.id, true, options));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isRuntimeError(error, "NOT_FOUND")) return;
    if (!patience.aborted) throw error;
    // Its start is stuck. The mark keeps it from being started once more.
    await writeStopped(context, record.id, true, options);
  }
}
