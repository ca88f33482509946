import { lstat, realpath, stat } from "node:fs/promises";
import { packFiles, unpackFiles } from "@voiyd/runtime-containerd";
import type { LocalFiles, LocalStat } from "./surroundings.js";

/** The files of this machine. Loaded by the commands that copy, because of what it loads. */
export const localFiles: LocalFiles = {
  async stat(path, { follow }): Promise<LocalStat | undefined> {
    try {
      const stats = await (follow ? stat(path) : lstat(path));
      const kind = stats.isDirectory() ? "directory" : stats.isFile() ? "file" : "other";
      return { kind, path: follow ? await realpath(path) : path };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  pack: packFiles,
  unpack: unpackFiles,
};

function isMissing(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
}
