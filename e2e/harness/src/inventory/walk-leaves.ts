import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { orIfAbsent } from "../process/error-code.js";

export interface Leaf {
  readonly path: string;
  readonly kind: "file" | "directory" | "fifo" | "socket" | "symlink" | "device";
}

function kindOf(entry: Dirent): Leaf["kind"] {
  if (entry.isDirectory()) return "directory";
  if (entry.isFIFO()) return "fifo";
  if (entry.isSocket()) return "socket";
  if (entry.isSymbolicLink()) return "symlink";
  return entry.isFile() ? "file" : "device";
}

/** Everything in a folder that holds nothing itself: files of all kinds, and empty folders. Follows no links. */
export async function walkLeaves(folder: string): Promise<Leaf[]> {
  const entries = await orIfAbsent(readdir(folder, { withFileTypes: true }), []);
  const leaves = await Promise.all(
    entries.map(async (entry): Promise<Leaf[]> => {
      const path = join(folder, entry.name);
      const below = entry.isDirectory() ? await walkLeaves(path) : [];
      return below.length > 0 ? below : [{ path, kind: kindOf(entry) }];
    }),
  );
  return leaves.flat();
}
