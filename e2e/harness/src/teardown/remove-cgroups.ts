import { readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { listCgroupRoots } from "../cgroups/cgroup-roots.js";
import { errorCode, orIfAbsent } from "../process/error-code.js";
import { removeIfEmpty } from "./remove-if-empty.js";

/** The cgroup folders that a process is in and this process is not, in every hierarchy. */
export async function cgroupsOf(pid: number): Promise<string[]> {
  const roots = await listCgroupRoots();
  const folders = async (who: string): Promise<string[]> => {
    const text = await orIfAbsent(readFile(`/proc/${who}/cgroup`, "utf8"), "");
    return text.split("\n").flatMap((line) => {
      const [, controllers, ...path] = line.split(":");
      const root = roots.find((candidate) => candidate.controllers === controllers);
      return root === undefined ? [] : [join(root.path, path.join(":"))];
    });
  };
  const own = await folders("self");
  return (await folders(String(pid))).filter(
    (folder) => !own.includes(folder) && !roots.some((root) => root.path === folder),
  );
}

/** Lets the processes of a paused cgroup run again: a frozen one does not die of SIGKILL (cgroup v1). */
export async function thaw(folder: string): Promise<void> {
  await orIfAbsent(writeFile(join(folder, "freezer.state"), "THAWED", { flag: "r+" }), undefined);
  await orIfAbsent(writeFile(join(folder, "cgroup.freeze"), "0", { flag: "r+" }), undefined);
}

async function removeTree(folder: string): Promise<void> {
  const entries = await orIfAbsent(readdir(folder, { withFileTypes: true }), []);
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name));
  // The kernel empties a cgroup a little after the last process in it was reaped.
  for (let attempt = 0; ; attempt += 1) {
    try {
      await orIfAbsent(rmdir(folder), undefined);
      return;
    } catch (error) {
      if (errorCode(error) !== "EBUSY" || attempt >= 200) throw error;
      await delay(10);
    }
  }
}

/** Removes cgroups with those in them, and the folder of their containerd namespace when it is empty then. */
export async function removeCgroups(folders: readonly string[]): Promise<void> {
  await Promise.all(folders.map(removeTree));
  const roots = (await listCgroupRoots()).map((root) => root.path);
  // Another daemon may have containers in a namespace of that name.
  const parents = new Set(folders.map((folder) => dirname(folder)));
  for (const parent of parents) if (!roots.includes(parent)) await removeIfEmpty(parent);
}

/** Removes the cgroups of containers (`<namespace>/<id>`) that nobody is in any more, in every hierarchy. */
export async function removeCgroupsOf(containers: readonly string[]): Promise<void> {
  const roots = await listCgroupRoots();
  const folders = containers.flatMap((container) => roots.map((root) => join(root.path, container)));
  const present = await Promise.all(folders.map((folder) => orIfAbsent(readdir(folder), undefined)));
  await removeCgroups(folders.filter((_, index) => present[index] !== undefined));
}
