import { readFile } from "node:fs/promises";
import { basename, dirname, relative } from "node:path";
import type { PrivateHost } from "../host/private-host.js";
import { orIfAbsent } from "../process/error-code.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";
import { type Leaf, walkLeaves } from "./walk-leaves.js";

type Kinds = Pick<LeakInventory, "ipamLeases" | "cniRecords" | "logFolders" | "stateFiles" | "tuningBackups">;
type Folders = Pick<PrivateHost, "ipamDir" | "cacheDir" | "containersDir" | "stateDir">;

const TUNING_FOLDER = "/run/cni/tuning";

const describe =
  (folder: string) =>
  (leaf: Leaf): string =>
    `${relative(folder, leaf.path)}${leaf.kind === "directory" ? "/ (empty)" : ""}`;

/** Files of the host-local plugin that are no lease. */
const isLease = (leaf: Leaf): boolean =>
  leaf.kind === "file" && basename(leaf.path) !== "lock" && !basename(leaf.path).startsWith("last_reserved_ip.");

/** That a network's shared rules are in place is a fact about the network, and stays with it. */
const PRIMED_FOLDER = "voiyd-primed";

const isRecord =
  (folder: string) =>
  (leaf: Leaf): boolean =>
    leaf.kind === "file" && dirname(relative(folder, leaf.path)) !== PRIMED_FOLDER;

async function readLease(folder: string, leaf: Leaf): Promise<string> {
  const user = (await orIfAbsent(readFile(leaf.path, "utf8"), "")).trim().split(/\s+/u).join(" ");
  return `${relative(folder, leaf.path)} of ${user === "" ? "nobody" : user}`;
}

/** What is kept of containers that are gone, for those who follow the events: one file for all of them, and one that is full. */
const REMOVALS = /^removals-[^/]*\.log(\.1)?$/u;

/** What is in the host's folders. */
export async function collectFiles(host: Folders, scope: InventoryScope): Promise<Kinds> {
  const [ipam, records, logs, state, tuning] = await Promise.all([
    walkLeaves(host.ipamDir),
    walkLeaves(host.cacheDir),
    walkLeaves(host.containersDir),
    walkLeaves(host.stateDir),
    scope === "machine" ? walkLeaves(TUNING_FOLDER) : [],
  ]);
  return {
    ipamLeases: await Promise.all(ipam.filter(isLease).map((leaf) => readLease(host.ipamDir, leaf))),
    cniRecords: records.filter(isRecord(host.cacheDir)).map(describe(host.cacheDir)),
    logFolders: logs.map(describe(host.containersDir)),
    stateFiles: state.map(describe(host.stateDir)).filter((path) => !REMOVALS.test(path)),
    tuningBackups: tuning.filter((leaf) => leaf.kind === "file").map(describe(TUNING_FOLDER)),
  };
}
