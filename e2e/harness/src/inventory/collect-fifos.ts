import type { PrivateHost } from "../host/private-host.js";
import { openFiles } from "../process/open-files.js";
import { listProcesses } from "../process/process-table.js";
import type { InventoryScope } from "./leak-inventory.js";
import { findShims } from "./shims.js";
import type { Look } from "./until-clear.js";
import { walkLeaves } from "./walk-leaves.js";

type Host = Pick<PrivateHost, "address" | "fifoDir" | "stateDir" | "containersDir" | "cacheDir" | "netnsDir">;

/** Where clients put FIFOs that were not told where to. */
const DEFAULT_FOLDERS = ["/run/containerd/fifo", "/run/voiyd"];

async function findFifos(folders: readonly string[]): Promise<string[]> {
  const leaves = (await Promise.all(folders.map(walkLeaves))).flat();
  return leaves.filter((leaf) => leaf.kind === "fifo").map((leaf) => leaf.path);
}

/** FIFOs in the host's folders, and those in the folders that all share which no other daemon's shim has open. */
export async function collectFifos(host: Host, scope: InventoryScope): Promise<Look<string[]>> {
  const { fifoDir, stateDir, containersDir, cacheDir, netnsDir } = host;
  const [own, shared] = await Promise.all([
    findFifos([fifoDir, stateDir, containersDir, cacheDir, netnsDir]),
    findFifos(DEFAULT_FOLDERS),
  ]);
  if (scope === "machine" || shared.length === 0) return { seen: [...own, ...shared], unclear: 0 };
  const shims = findShims(listProcesses());
  const open = (ours: boolean): Promise<Set<string>> =>
    openFiles(shims.filter((shim) => (shim.address === host.address) === ours).map((shim) => shim.pid));
  const [ours, foreign] = await Promise.all([open(true), open(false)]);
  const kept = shared.filter((path) => !foreign.has(path));
  return { seen: [...own, ...kept], unclear: kept.filter((path) => !ours.has(path)).length };
}
