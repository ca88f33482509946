import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CgroupRoot, listCgroupRoots } from "../cgroups/cgroup-roots.js";
import { orIfAbsent } from "../process/error-code.js";

/** All processes in a cgroup and in those below it. */
async function membersOf(folder: string): Promise<number[]> {
  const [own, entries] = await Promise.all([
    orIfAbsent(readFile(join(folder, "cgroup.procs"), "utf8"), ""),
    orIfAbsent(readdir(folder, { withFileTypes: true }), []),
  ]);
  const below = await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => membersOf(join(folder, entry.name))));
  return [...own.split("\n").filter((line) => line !== "").map(Number), ...below.flat()];
}

function hierarchyName(root: CgroupRoot): string {
  return root.version === 2 ? "unified" : root.controllers;
}

/**
 * The cgroups in the folders of containerd namespaces (`/<namespace>/<id>`), in every hierarchy. Left out are those that
 * hold processes of which `isForeign` is true: a namespace's folder is shared by all daemons of the machine.
 */
export async function collectCgroups(namespaces: readonly string[], isForeign: (pid: number) => boolean): Promise<string[]> {
  const found = new Map<string, string[]>();
  for (const root of await listCgroupRoots()) {
    for (const namespace of namespaces) {
      const folder = join(root.path, namespace);
      for (const entry of await orIfAbsent(readdir(folder, { withFileTypes: true }), [])) {
        if (!entry.isDirectory() || (await membersOf(join(folder, entry.name))).some(isForeign)) continue;
        const name = `${namespace}/${entry.name}`;
        found.set(name, [...(found.get(name) ?? []), hierarchyName(root)]);
      }
    }
  }
  return [...found].map(([name, hierarchies]) => `${name} (${hierarchies.sort().join(", ")})`);
}
