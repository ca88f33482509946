import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { containersInLog } from "../host/containers-in-log.js";
import type { PrivateHost } from "../host/private-host.js";
import { orIfAbsent } from "../process/error-code.js";
import { listBundles, listRuncStates, SHIM_SOCKETS } from "../teardown/remove-runtime-state.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";

/** The name of a shim's socket: a hash of its daemon's address, its namespace and its id. */
export function shimSocketName(address: string, container: string): string {
  return createHash("sha256").update(join(address, container)).digest("hex");
}

async function deadSockets(): Promise<string[]> {
  const [names, sockets] = await Promise.all([
    orIfAbsent(readdir(SHIM_SOCKETS), []),
    readFile("/proc/net/unix", "utf8"),
  ]);
  const bound = new Set(sockets.split("\n").map((line) => line.trim().split(/\s+/u)[7] ?? ""));
  return names.filter((name) => !bound.has(join(SHIM_SOCKETS, name)));
}

/** What containerd, its shims and runc keep in files for each task. */
export async function collectRuntimeState(
  host: Pick<PrivateHost, "address" | "directory" | "state" | "root" | "log">,
  scope: InventoryScope,
): Promise<Pick<LeakInventory, "bundles" | "workDirs" | "runcStates" | "shimSockets">> {
  const tasks = async (folder: string): Promise<string[]> =>
    (await listBundles(folder)).map((path) => relative(join(folder, "io.containerd.runtime.v2.task"), path));
  const [bundles, workDirs, runcStates, dead, log] = await Promise.all([
    tasks(host.state),
    tasks(host.root),
    listRuncStates(host.directory),
    deadSockets(),
    host.log(),
  ]);
  const own = new Map(containersInLog(log).map((container) => [shimSocketName(host.address, container), container]));
  const shimSockets = dead.flatMap((name) => {
    const container = own.get(name);
    if (container === undefined && scope === "host") return [];
    return [`${join(SHIM_SOCKETS, name)}${container === undefined ? "" : ` of ${container}`}`];
  });
  return { bundles, workDirs, runcStates, shimSockets };
}
