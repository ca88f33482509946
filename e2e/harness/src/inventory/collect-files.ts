import { readFile } from "node:fs/promises";
import { basename, relative } from "node:path";
import type { PrivateHost } from "../host/private-host.js";
import { orIfAbsent } from "../process/error-code.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";
import { type Leaf, walkLeaves } from "./walk-leaves.js";

type Kinds = Pick<LeakInventory, "ipamLeases" | "cniRecords" | "logFolders" | "stateFiles" | "fifos" | "tuningBackups">;
type Folders = Pick<PrivateHost, "ipamDir" | "cacheDir" | "containersDir" | "stateDir" | "fifoDir" | "netnsDir">;

const TUNING_FOLDER = "/run/cni/tuning";
/** FIFOs of clients that were not told where to put them. */
const DEFAULT_FIFO_FOLDERS = ["/run/containerd/fifo", "/run/voiyd"];

const describe = (folder: string) => (leaf: Leaf): string => `${relative(folder, leaf.path)}${leaf.kind === "directory" ? "/ (empty)" : ""}`;

/** Files of the host-local plugin that are no lease. */
const isLease = (leaf: Leaf): boolean => leaf.kind === "file" && basename(leaf.path) !== "lock" && !basename(leaf.path).startsWith("last_reserved_ip.");

async function readLease(folder: string, leaf: Leaf): Promise<string> {
  const user = (await orIfAbsent(readFile(leaf.path, "utf8"), "")).trim().split(/\s+/u).join(" ");
  return `${relative(folder, leaf.path)} of ${user === "" ? "nobody" : user}`;
}

/** What is in the host's folders, and FIFOs outside of them that `foreignFifos` does not name. */
export async function collectFiles(host: Folders, scope: InventoryScope, foreignFifos: () => Promise<ReadonlySet<string>>): Promise<Kinds> {
  const [ipam, records, logs, state, tuning, ...places] = await Promise.all(
    [host.ipamDir, host.cacheDir, host.containersDir, host.stateDir, TUNING_FOLDER, host.fifoDir, host.netnsDir, ...DEFAULT_FIFO_FOLDERS].map(walkLeaves),
  );
  if (ipam === undefined || records === undefined || logs === undefined || state === undefined || tuning === undefined) throw new Error("a folder was not walked");
  const isFifo = (leaf: Leaf): boolean => leaf.kind === "fifo";
  const outside = places.slice(2).flat().filter(isFifo);
  const foreign = scope === "host" && outside.length > 0 ? await foreignFifos() : new Set<string>();
  const fifos = [...records, ...logs, ...state, ...places.slice(0, 2).flat(), ...outside].filter(isFifo);
  return {
    ipamLeases: await Promise.all(ipam.filter(isLease).map((leaf) => readLease(host.ipamDir, leaf))),
    cniRecords: records.filter((leaf) => leaf.kind === "file").map(describe(host.cacheDir)),
    logFolders: logs.map(describe(host.containersDir)),
    stateFiles: state.map(describe(host.stateDir)),
    fifos: fifos.map((leaf) => leaf.path).filter((path) => !foreign.has(path)),
    tuningBackups: scope === "machine" ? tuning.filter((leaf) => leaf.kind === "file").map(describe(TUNING_FOLDER)) : [],
  };
}
