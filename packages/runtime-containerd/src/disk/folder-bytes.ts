import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../host/file-store.js";

/** `st_blocks` counts these (`stat(2)`), whatever the file system's own are. */
const BLOCK = 512;

/** The bytes that a folder with all in it takes on its disk: a file with several names counts once, other disks do not. */
export async function folderBytes(path: string, options: { readonly signal?: AbortSignal }): Promise<number> {
  const seen = new Set<string>();
  let device: number | undefined;
  return add(path);

  async function add(here: string): Promise<number> {
    options.signal?.throwIfAborted();
    try {
      const entry = await lstat(here);
      device ??= entry.dev;
      if (entry.dev !== device) return 0;
      if (entry.nlink > 1 && !entry.isDirectory()) {
        if (seen.has(String(entry.ino))) return 0;
        seen.add(String(entry.ino));
      }
      let bytes = entry.blocks * BLOCK;
      if (entry.isDirectory()) for (const name of await readdir(here)) bytes += await add(join(here, name));
      return bytes;
    } catch (error) {
      // Gone between the look at its folder and the look at it.
      if (hasCode(error, "ENOENT", "ENOTDIR")) return 0;
      throw error;
    }
  }
}
