import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { pause } from "../concurrency/pause.js";
import { hasCode } from "./file-store.js";

/** The processes of a group have this long to end by themselves; then they are ended. In milliseconds. */
const PATIENCE_MS = 3_000;
const DEADLINE_MS = 15_000;
const PAUSE_MS = 50;

/**
 * Removes the control groups at `path`, in every hierarchy, children first. A shim that was killed leaves them behind;
 * one whose task is just being given up by the daemon empties them in a moment, which is waited for. Absent is success.
 */
export async function removeCgroups(
  roots: readonly string[],
  path: string,
  options: { signal?: AbortSignal },
): Promise<void> {
  const started = performance.now();
  for (;;) {
    try {
      await Promise.all(roots.map((root) => removeGroup(join(root, path))));
      return;
    } catch (error) {
      const waited = performance.now() - started;
      if (!hasCode(error, "EBUSY") || waited > DEADLINE_MS) throw error;
      if (waited > PATIENCE_MS) await Promise.all(roots.map((root) => killGroup(join(root, path))));
    }
    await pause(PAUSE_MS, options);
  }
}

async function removeGroup(directory: string): Promise<void> {
  try {
    for (const child of await childrenOf(directory)) await removeGroup(child);
    // A group's files are the kernel's, and go with it: only the folder can be removed.
    await rmdir(directory);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/** The group is the container's alone, so whatever lives in it is the container's. */
async function killGroup(directory: string): Promise<void> {
  try {
    for (const child of await childrenOf(directory)) await killGroup(child);
    for (const pid of (await readFile(join(directory, "cgroup.procs"), "utf8")).split("\n")) {
      if (Number(pid) > 1) process.kill(Number(pid), "SIGKILL");
    }
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENODEV", "ESRCH")) throw error;
  }
}

async function childrenOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [join(directory, entry.name)] : []));
}
