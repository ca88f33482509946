import { readFile, readdir } from "node:fs/promises";
import { orIfAbsent } from "./error-code.js";

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since boot: together with the pid it names a process for good. */
  readonly startTime: string;
  /** `Z` for a zombie, and the other letters of proc(5). */
  readonly state: string;
  /** Empty for kernel threads and zombies. */
  readonly commandLine: readonly string[];
}

/** The fields of `/proc/<pid>/stat` that follow the command, which may itself hold spaces and parentheses (proc(5)). */
export function parseStat(text: string): Pick<ProcessEntry, "parent" | "startTime" | "state"> | undefined {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, parent, startTime] = [fields[0], fields[1], fields[19]];
  if (state === undefined || parent === undefined || startTime === undefined) return undefined;
  return { state, parent: Number(parent), startTime };
}

/** One process, or undefined when there is none (any more). */
export async function readProcess(pid: number): Promise<ProcessEntry | undefined> {
  const [stat, commandLine] = await Promise.all([
    orIfAbsent(readFile(`/proc/${pid}/stat`, "utf8"), undefined),
    orIfAbsent(readFile(`/proc/${pid}/cmdline`, "utf8"), ""),
  ]);
  const parsed = stat === undefined ? undefined : parseStat(stat);
  if (parsed === undefined) return undefined;
  return { pid, ...parsed, commandLine: commandLine.split("\0").slice(0, -1) };
}

/** All processes of this pid namespace. */
export async function listProcesses(): Promise<ProcessEntry[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
  const entries = await Promise.all(names.map((name) => readProcess(Number(name))));
  return entries.filter((entry) => entry !== undefined);
}

/** Everything below the given processes in the table, parents before children, without the given ones. */
export function descendantsOf(roots: readonly number[], table: readonly ProcessEntry[]): ProcessEntry[] {
  const found: ProcessEntry[] = [];
  const seen = new Set(roots);
  for (let grew = true; grew;) {
    grew = false;
    for (const entry of table) {
      if (seen.has(entry.pid) || !seen.has(entry.parent)) continue;
      seen.add(entry.pid);
      found.push(entry);
      grew = true;
    }
  }
  return found;
}
