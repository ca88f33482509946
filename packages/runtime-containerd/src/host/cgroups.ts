import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "./file-store.js";

/**
 * Removes the control groups at `path` that a shim left behind when it was killed, in every hierarchy, children first.
 * Throws `EBUSY` when processes live in one.
 */
export async function removeCgroups(roots: readonly string[], path: string): Promise<void> {
  await Promise.all(roots.map((root) => removeGroup(join(root, path))));
}

async function removeGroup(directory: string): Promise<void> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(directory, entry.name));
    // A group's files are the kernel's, and go with it: only the folder can be removed.
    await rmdir(directory);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}
