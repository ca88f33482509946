import { basename } from "node:path";
import { descendantsOf, type ProcessEntry } from "../process/process-table.js";

export interface Shim {
  readonly pid: number;
  readonly namespace: string;
  readonly id: string;
  /** The socket of its daemon. */
  readonly address: string;
}

/** The shims in a process table, of every daemon. */
export function findShims(table: readonly ProcessEntry[]): Shim[] {
  return table.flatMap(({ pid, state, commandLine: [program, ...args] }) => {
    if (state === "Z" || program === undefined || !basename(program).startsWith("containerd-shim")) return [];
    const after = (flag: string): string => args[args.indexOf(flag) + 1] ?? "";
    if (!["-namespace", "-id", "-address"].every((flag) => args.includes(flag))) return [];
    return [{ pid, namespace: after("-namespace"), id: after("-id"), address: after("-address") }];
  });
}

/** The processes below shims, by shim. */
export function processesBelow(
  shims: readonly Shim[],
  table: readonly ProcessEntry[],
): { shim: Shim; process: ProcessEntry }[] {
  return shims.flatMap((shim) => descendantsOf([shim.pid], table).map((process) => ({ shim, process })));
}

/** The runtime's own processes that were started for a host's folder, and stay: of its logs, and supervisors. */
export function helpersOf(directory: string, table: readonly ProcessEntry[]): ProcessEntry[] {
  return table.filter(({ state, commandLine: [program, ...args] }) => {
    if (state === "Z" || program === undefined || !basename(program).startsWith("node")) return false;
    return args.some((arg) => HELPERS.test(arg)) && args.some((arg) => arg.startsWith(`${directory}/`));
  });
}

/** The program of the logs; the words by which `voiyd` becomes a supervisor. */
const HELPERS = /\/log-process\/[^/]+$|^(?:__)?supervise$/u;

const MAX_COMMAND = 100;

/** A process as the inventory names it: without its pid, which says nothing in a comparison. */
export function describeProcess(process: ProcessEntry): string {
  if (process.state === "Z") return "(zombie)";
  const command = process.commandLine.join(" ");
  return command.length > MAX_COMMAND ? `${command.slice(0, MAX_COMMAND)}…` : command;
}
