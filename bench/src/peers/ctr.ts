import { PEER_NAMESPACE, type Stage } from "../stage/stage.js";
import { runProgram } from "./program.js";

/** Runs `ctr` against the private daemon, among the peers' containers. */
export function ctr(stage: Stage, ...args: readonly string[]): Promise<string> {
  return runProgram("ctr", ["--address", stage.host.address, "--namespace", PEER_NAMESPACE, ...args], stage);
}

/** Removes a container of `ctr run -d`, with its task and its snapshot. */
export async function removeCtrContainer(stage: Stage, id: string): Promise<void> {
  await ctr(stage, "tasks", "rm", "--force", id);
  await ctr(stage, "containers", "rm", id);
}
