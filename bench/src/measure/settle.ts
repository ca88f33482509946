import { setTimeout as pause } from "node:timers/promises";
import { runProgram } from "../peers/program.js";
import type { Stage } from "../stage/stage.js";

/**
 * Between two turns: what the one has left to be written to the disk, and to be put in order, is not to be the other's. A
 * pull that waits for its blobs to be on the disk would wait for those of one that did not, too.
 */
export async function settle(stage: Stage, restMs: number): Promise<void> {
  await runProgram("sync", [], stage);
  await pause(restMs);
}
