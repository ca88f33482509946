import { stat } from "node:fs/promises";
import { errorCode } from "./error-code.js";

/** Where distributions and people put CNI plugins, in the order in which they are looked for. */
export const DEFAULT_BIN_DIRS: readonly string[] = [
  "/opt/cni/bin",
  "/usr/local/libexec/cni",
  "/usr/local/lib/cni",
  "/usr/libexec/cni",
  "/usr/lib/cni",
];

/** Those of the folders that exist. All of them go to the plugins, which look there for the ones they delegate to. */
export async function existingDirs(dirs: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(dirs.map(isDirectory));
  return dirs.filter((_, index) => found[index] === true);
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) return false;
    throw error;
  }
}
