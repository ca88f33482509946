import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CgroupRoot, listCgroupRoots } from "../cgroups/cgroup-roots.js";
import { containersInLog } from "../host/containers-in-log.js";
import { hostPaths } from "../host/host-paths.js";
import { listKnownHosts } from "../host/known-hosts.js";
import type { PrivateHost } from "../host/private-host.js";
import { nowOrIfAbsent, orIfAbsent } from "../process/error-code.js";
import { listProcesses } from "../process/process-table.js";
import type { InventoryScope } from "./leak-inventory.js";
import { findShims, processesBelow } from "./shims.js";
import type { Look } from "./until-clear.js";

/** What is in a folder of the kernel's; nothing where it is none (any more). */
function foldersIn(folder: string): string[] {
  const entries = nowOrIfAbsent(() => readdirSync(folder, { withFileTypes: true }), []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** All processes in a cgroup and in those below it. */
function membersOf(folder: string): number[] {
  const own = nowOrIfAbsent(() => readFileSync(join(folder, "cgroup.procs"), "utf8"), "");
  const below = foldersIn(folder).flatMap((name) => membersOf(join(folder, name)));
  return [
    ...own
      .split("\n")
      .filter((line) => line !== "")
      .map(Number),
    ...below,
  ];
}

function hierarchyName(root: CgroupRoot): string {
  return root.version === 2 ? "unified" : root.controllers;
}

interface Found {
  readonly hierarchies: string[];
  readonly members: number[];
}

async function findCgroups(namespaces: readonly string[]): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  for (const root of await listCgroupRoots()) {
    for (const namespace of namespaces) {
      const folder = join(root.path, namespace);
      for (const id of foldersIn(folder)) {
        const name = `${namespace}/${id}`;
        const { hierarchies, members } = found.get(name) ?? { hierarchies: [], members: [] };
        found.set(name, {
          hierarchies: [...hierarchies, hierarchyName(root)],
          members: [...members, ...membersOf(join(folder, id))],
        });
      }
    }
  }
  return found;
}

/** The containers that the logs of other private hosts speak of. */
async function foreignContainers(address: string): Promise<string[]> {
  const others = (await listKnownHosts())
    .map((host) => hostPaths(host.directory))
    .filter((paths) => paths.address !== address);
  const logs = await Promise.all(others.map((paths) => orIfAbsent(readFile(paths.logFile, "utf8"), "")));
  return logs.flatMap(containersInLog);
}

/** The pids of a daemon's containers, and of those of all others. */
function containerPids(address: string): { own: Set<number>; foreign: Set<number> } {
  const table = listProcesses();
  const below = processesBelow(findShims(table), table);
  const pids = (own: boolean): Set<number> =>
    new Set(below.filter(({ shim }) => (shim.address === address) === own).map(({ process }) => process.pid));
  return { own: pids(true), foreign: pids(false) };
}

/**
 * The cgroups in the folders of containerd namespaces (`/<namespace>/<id>`), in every hierarchy. These folders are shared
 * by all daemons of the machine: one is another host's when processes below another daemon's shim are in it, or when
 * another host's log speaks of it and ours does not.
 */
export async function collectCgroups(
  host: Pick<PrivateHost, "address" | "log">,
  namespaces: readonly string[],
  scope: InventoryScope,
): Promise<Look<string[]>> {
  const describe = ([name, { hierarchies }]: [string, Found]): string =>
    `${name} (${hierarchies.toSorted().join(", ")})`;
  if (scope === "machine") return { seen: [...(await findCgroups(namespaces))].map(describe), unclear: 0 };
  // Logs are read before and after: a host that comes or goes meanwhile is in one of them.
  const before = await foreignContainers(host.address);
  const found = await findCgroups(namespaces);
  const pids = containerPids(host.address);
  const foreign = new Set([...before, ...(await foreignContainers(host.address))]);
  const own = new Set(containersInLog(await host.log()));
  const judge = (name: string, members: readonly number[]): "own" | "foreign" | "unclear" => {
    if (members.some((pid) => pids.foreign.has(pid))) return "foreign";
    if (members.some((pid) => pids.own.has(pid))) return "own";
    if (own.has(name) === foreign.has(name)) return "unclear";
    return own.has(name) ? "own" : "foreign";
  };
  const judged = [...found].map((entry) => ({ entry, owner: judge(entry[0], entry[1].members) }));
  return {
    seen: judged.filter(({ owner }) => owner !== "foreign").map(({ entry }) => describe(entry)),
    unclear: judged.filter(({ owner }) => owner === "unclear").length,
  };
}
