import { RuntimeError } from "@voiyd/runtime-api";
import { errorCode } from "../plugin/error-code.js";
import type { HostFacts } from "./host-facts.js";

/** How often it is looked whether they have ended. Processes that are not our children cannot be waited for. */
const LOOK_EVERY_MS = 20;

/**
 * Waits for plugins that outlived the process that had started them: what they are doing must not cross what comes
 * next. After `patienceMs` they are ended, with everything that they have started.
 */
export async function waitForOutlived(
  host: HostFacts,
  containerId: string,
  patienceMs: number,
  signal: AbortSignal,
): Promise<void> {
  const patientUntil = performance.now() + patienceMs;
  const giveUpAt = patientUntil + patienceMs;
  for (;;) {
    const pids = await host.workersOf(containerId);
    if (pids.length === 0) return;
    signal.throwIfAborted();
    if (performance.now() > giveUpAt) {
      throw new RuntimeError(
        "NETWORK_TEARDOWN_FAILED",
        `container ${containerId}: plugins of an earlier operation do not end`,
        {
          details: { containerId, leftovers: pids.map((pid) => `process ${String(pid)}`) },
        },
      );
    }
    if (performance.now() > patientUntil) pids.forEach(end);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}
