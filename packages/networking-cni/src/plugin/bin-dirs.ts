import { statSync } from "node:fs";
import { errorCode } from "./error-code.js";

/** Where distributions and people put CNI plugins, in the order in which they are looked for. */
export const DEFAULT_BIN_DIRS: readonly string[] = [
  "/opt/cni/bin",
  "/usr/local/libexec/cni",
  "/usr/local/lib/cni",
  "/usr/libexec/cni",
  "/usr/lib/cni",
];

/**
 * Those of the folders that exist. All of them go to the plugins, which look there for the ones they delegate to.
 * Synchronous inside: a plugin's start waits for it, and the way through the thread pool would take far longer.
 */
export async function existingDirs(dirs: readonly string[]): Promise<readonly string[]> {
  return dirs.filter(isDirectory);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}
