import { lstat, readlink } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "../host/file-store.js";

/** As many symlinks as the kernel follows in one path (`path_resolution(7)`). */
const MAX_SYMLINKS = 40;

/**
 * The path on the host of `path` inside `root`, every symlink followed as a process whose root is `root` would see it:
 * it never leads outside. Undefined when there is nothing. The content of `root` must not change meanwhile.
 */
export async function pathInRoot(root: string, path: string): Promise<string | undefined> {
  const pending = split(path);
  const resolved: string[] = [];
  let links = 0;
  for (let part = pending.shift(); part !== undefined; part = pending.shift()) {
    if (part === "..") {
      resolved.pop();
      continue;
    }
    const here = join(root, ...resolved, part);
    try {
      if ((await lstat(here)).isSymbolicLink()) {
        if (++links > MAX_SYMLINKS) return undefined;
        const target = await readlink(here);
        if (target.startsWith("/")) resolved.length = 0;
        pending.unshift(...split(target));
        continue;
      }
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
    resolved.push(part);
  }
  return join(root, ...resolved);
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
