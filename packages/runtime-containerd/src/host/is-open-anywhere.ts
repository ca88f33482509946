import { readdir, stat } from "node:fs/promises";
import { hasCode } from "./file-store.js";
import { hasOpen } from "./shim-process.js";

/**
 * Whether any process of this machine has the file open, or may be about to: one that is younger than `youngMs` counts as
 * open. One that is gone is not. Reads the open files of all processes, so it is for the rare case.
 */
export async function isOpenAnywhere(path: string, youngMs: number): Promise<boolean> {
  let file;
  try {
    file = await stat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
  if (Date.now() - file.ctimeMs < youngMs) return true;
  const pids = (await readdir("/proc")).filter((name) => /^[1-9][0-9]*$/.test(name));
  for (const pid of pids) if ((await hasOpen(Number(pid), file)) !== false) return true;
  return false;
}
