import { readdirSync, readFileSync } from "node:fs";
import { nowOrIfAbsent } from "./error-code.js";

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
export function readProcess(pid: number): ProcessEntry | undefined {
  const stat = nowOrIfAbsent(() => readFileSync(`/proc/${pid}/stat`, "utf8"), undefined);
  const parsed = stat === undefined ? undefined : parseStat(stat);
  if (parsed === undefined) return undefined;
  const commandLine = nowOrIfAbsent(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"), "");
  return { pid, ...parsed, commandLine: commandLine.split("\0").slice(0, -1) };
}

/** All processes of this pid namespace. */
export function listProcesses(): ProcessEntry[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/u.test(name) ? (readProcess(Number(name)) ?? []) : []));
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
