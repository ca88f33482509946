import type { RuntimeContext } from "../context.js";
import { removeDeadShimSocket } from "../host/shim-socket.js";
import { endStrayShim, strayShims } from "../host/stray-shims.js";

/** For whoever has deleted a task that may have been in the making: the deletion can have overtaken that. */
export async function endStrayShims({ client, namespace }: RuntimeContext, id: string): Promise<void> {
  for (const shim of await strayShims((found) => found.id === id)) {
    endStrayShim(shim);
    await removeDeadShimSocket(client.address, namespace, id);
  }
}
