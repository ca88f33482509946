import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { openFiles } from "../process/open-files.js";
import { removeIfEmpty } from "./remove-if-empty.js";

/** Where containerd's clients put FIFOs when they are told nothing else: a folder for each container. */
const DEFAULT_FIFOS = "/run/containerd/fifo/";

/** The FIFOs in the default folder that processes have open. */
export async function fifosOf(pids: readonly number[]): Promise<string[]> {
  return [...(await openFiles(pids))].filter((path) => path.startsWith(DEFAULT_FIFOS) && !path.endsWith(" (deleted)"));
}

export async function removeFifos(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
  for (const folder of new Set(paths.map((path) => dirname(path)))) await removeIfEmpty(folder);
}
