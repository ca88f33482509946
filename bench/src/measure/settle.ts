import { setTimeout as pause } from "node:timers/promises";
import { runProgram } from "../peers/program.js";
import type { Stage } from "../stage/stage.js";

/** For what daemons and the kernel put in order behind a turn, in milliseconds. */
const PAUSE_MS = 100;

/**
 * Between two turns: what the one has left to be written to the disk, and to be put in order, is not to be the other's. A
 * pull that waits for its blobs to be on the disk would wait for those of one that did not, too.
 */
export async function settle(stage: Stage): Promise<void> {
  await runProgram("sync", [], stage);
  await pause(PAUSE_MS);
}
