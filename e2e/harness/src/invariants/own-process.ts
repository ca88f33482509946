import type { HostPaths } from "../host/host-paths.js";
import { isWithin } from "../mounts/mount-info.js";
import { openFiles } from "../process/open-files.js";
import type { Violation } from "./check-invariants.js";

/** I-18: whoever has closed everything that he had opened on a host holds none of its files any more. */
export async function checkOwnProcess({ directory }: Pick<HostPaths, "directory">): Promise<Violation[]> {
  const held = [...(await openFiles([process.pid]))].filter((path) => isWithin(path, directory));
  return held.map((path) => ({ rule: "I-18", what: `this process still has ${path} open` }));
}
