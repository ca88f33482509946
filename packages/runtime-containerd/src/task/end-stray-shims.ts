import { pause } from "../concurrency/pause.js";
import type { RuntimeContext } from "../context.js";
import { listShims, type ShimProcess } from "../host/list-shims.js";
import { isShared } from "../host/shared-shim.js";
import { removeDeadShimSocket } from "../host/shim-socket.js";
import { endStrayShim, strayShims } from "../host/stray-shims.js";

/** A shim that is at work still, or frozen, is not waited for longer; in milliseconds. */
const PATIENCE_MS = 5_000;
const LOOK_MS = 100;

/**
 * For whoever has deleted a task that may have been in the making, or that others were deleting too: then the shim can live
 * on, see `strayShims`. Resolves when it has ended, as it does by itself otherwise.
 */
export async function endStrayShims({ client, namespace }: RuntimeContext, id: string): Promise<void> {
  const isIts = (shim: ShimProcess): boolean =>
    shim.id === id && shim.namespace === namespace && shim.address === client.address && !isShared(shim);
  const end = performance.now() + PATIENCE_MS;
  while (listShims().some(isIts)) {
    for (const shim of await strayShims(isIts)) endStrayShim(shim);
    if (performance.now() > end) return;
    await pause(LOOK_MS, {});
  }
  await removeDeadShimSocket(client.address, namespace, id);
}
