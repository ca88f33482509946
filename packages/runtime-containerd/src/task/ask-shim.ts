import { waitAtShim } from "@voiyd/containerd-client";
import type { ContainerExit } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { shimSocketPath } from "../host/shim-socket.js";
import { exitFromWire } from "./exit.js";
import { killsOfGroup } from "./oom.js";

/** How long a shim that the daemon has given up may take to say how its container ended. */
const LAST_WORD_MS = 2_000;

export interface AskedShim extends AsyncDisposable {
  /** The exit that the shim has told; undefined where it is gone without a word. For when the daemon knows none. */
  exit(): Promise<ContainerExit | undefined>;
}

/**
 * Asks the shim for the container's exit while the daemon is away. A daemon that comes back ends every shim whose
 * process has exited meanwhile (containerd 1.7 and later), and knows of no exit code.
 */
export function askShim(context: RuntimeContext, id: string): AskedShim {
  const abort = new AbortController();
  const socket = shimSocketPath(context.client.address, context.namespace, id);
  const answer = waitAtShim(socket, id, abort.signal)
    .then(async (wire) => {
      // Read at once: the daemon that ends the shim removes the control group too.
      const kills = await killsOfGroup(context, id);
      return { ...exitFromWire(wire), ...(kills === undefined ? {} : { oomKilled: kills > 0n }) };
    })
    .catch((error: unknown) => {
      if (!abort.signal.aborted) context.logger.debug("a shim did not tell the exit", { container: id, error });
      return undefined;
    });
  return {
    async exit() {
      const timer = setTimeout(() => {
        abort.abort();
      }, LAST_WORD_MS);
      try {
        return await answer;
      } finally {
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await answer;
    },
  };
}
