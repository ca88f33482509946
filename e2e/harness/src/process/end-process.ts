import { setTimeout as delay } from "node:timers/promises";
import { errorCode } from "./error-code.js";
import { type ProcessEntry, readProcess } from "./process-table.js";

type Identity = Pick<ProcessEntry, "pid" | "startTime">;

/** Whether this very process lives: not another one that got its pid, and not its zombie. */
export async function isAlive(identity: Identity): Promise<boolean> {
  const now = readProcess(identity.pid);
  return now !== undefined && now.startTime === identity.startTime && now.state !== "Z" && now.state !== "X";
}

/** Sends a signal to this very process; false when it is gone. */
export async function signalProcess(identity: Identity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    return process.kill(identity.pid, signal);
  } catch (error) {
    if (errorCode(error) === "ESRCH") return false;
    throw error;
  }
}

/** Resolves with whether the process is gone within the time. Polls: a process that is not our child tells nobody. */
export async function waitUntilGone(identity: Identity, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (await isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

/** Ends a process: SIGTERM and `graceMs` to end, then SIGKILL. Throws when it lives on even then. */
export async function endProcess(identity: Identity, graceMs: number): Promise<void> {
  if (graceMs > 0 && (await signalProcess(identity, "SIGTERM")) && (await waitUntilGone(identity, graceMs))) return;
  await signalProcess(identity, "SIGKILL");
  if (!(await waitUntilGone(identity, 10_000))) throw new Error(`process ${identity.pid} does not end on SIGKILL`);
}
