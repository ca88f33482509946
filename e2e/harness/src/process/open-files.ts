import { readdir, readlink } from "node:fs/promises";
import { orIfAbsent } from "./error-code.js";

/** The files that processes have open, as paths. */
export async function openFiles(pids: readonly number[]): Promise<Set<string>> {
  const lists = await Promise.all(
    pids.map(async (pid) => {
      const names = await orIfAbsent(readdir(`/proc/${pid}/fd`), []);
      return Promise.all(names.map((name) => orIfAbsent(readlink(`/proc/${pid}/fd/${name}`), "")));
    }),
  );
  return new Set(lists.flat());
}
