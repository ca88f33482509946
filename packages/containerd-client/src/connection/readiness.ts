import { setTimeout as sleep } from "node:timers/promises";
import { isContainerdError } from "../errors/containerd-error.js";
import type { ServiceClient } from "../service-client.js";
import type { Version } from "../gen/containerd/services/version/v1/version_pb.js";

const DEFAULT_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/** Asks for the version until there is an answer. A socket that is not there yet cannot be waited for, only tried. */
export async function waitForDaemon(
  version: ServiceClient<typeof Version>,
  options: { timeoutMs?: number; signal?: AbortSignal },
): Promise<void> {
  const end = performance.now() + (options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const left = end - performance.now();
    try {
      await version.version({}, { ...signal, timeoutMs: Math.max(1, Math.ceil(left)) });
      return;
    } catch (error) {
      if (!isContainerdError(error, "unavailable", "aborted", "canceled") || left <= pause) throw error;
    }
    await sleep(pause, undefined, signal).catch((error: unknown) => {
      // Node's own error would hide the caller's reason.
      options.signal?.throwIfAborted();
      throw error;
    });
  }
}
