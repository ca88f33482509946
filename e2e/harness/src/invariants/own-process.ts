import { setTimeout as delay } from "node:timers/promises";
import type { HostPaths } from "../host/host-paths.js";
import { isWithin } from "../mounts/mount-info.js";
import { openFiles } from "../process/open-files.js";
import type { Violation } from "./check-invariants.js";

/** What is being closed takes its moment, in milliseconds. */
const SETTLE_MS = 5_000;
const PAUSE_MS = 50;

/** I-18: whoever has closed everything that he had opened on a host holds none of its files any more. */
export async function checkOwnProcess(
  { directory }: Pick<HostPaths, "directory">,
  settleMs: number = SETTLE_MS,
): Promise<Violation[]> {
  const end = performance.now() + settleMs;
  for (;;) {
    const held = [...(await openFiles([process.pid]))].filter((path) => isWithin(path, directory));
    if (held.length === 0 || performance.now() >= end) {
      return held.map((path) => ({ rule: "I-18", what: `this process still has ${path} open` }));
    }
    await delay(PAUSE_MS);
  }
}
