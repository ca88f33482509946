import { isContainerdError } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";

/** How long the daemon may be away before it is given up, in milliseconds. */
const OUTAGE_MS = 120_000;
const OUTAGES_LIMIT = 20;

/** Reads something; while the daemon is away that is put off until it is back. For what changes nothing only. */
export async function acrossOutages<T>(
  context: RuntimeContext,
  read: () => Promise<T>,
  options: { signal?: AbortSignal },
): Promise<T> {
  for (let outage = 1; ; outage++) {
    try {
      return await read();
    } catch (error) {
      if (!isContainerdError(error) || !error.connection || outage >= OUTAGES_LIMIT) throw error;
      await context.client.waitUntilReady({ timeoutMs: OUTAGE_MS, ...options });
    }
  }
}
