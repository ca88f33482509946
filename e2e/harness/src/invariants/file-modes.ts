import type { PrivateHost } from "../host/private-host.js";
import { type Execute, execute } from "../process/execute.js";
import type { Violation } from "./check-invariants.js";

/** I-19: of what the runtime writes on the host, nothing can be written by others than its owner. */
export async function checkFileModes(
  host: Pick<PrivateHost, "stateDir" | "containersDir" | "cacheDir" | "confDir">,
  run: Execute = execute,
): Promise<Violation[]> {
  const folders = [host.stateDir, host.containersDir, host.cacheDir, host.confDir];
  // The shared memory of containers is a /tmp of theirs.
  const { stdout } = await run("find", [
    ...folders,
    // What goes meanwhile has no mode.
    "-ignore_readdir_race",
    "-name",
    "shm",
    "-prune",
    "-o",
    "-perm",
    "/022",
    "!",
    "-type",
    "l",
    "-print",
  ]);
  return stdout
    .split("\n")
    .filter((path) => path !== "")
    .map((path) => ({ rule: "I-19", what: `${path} can be written by others` }));
}
