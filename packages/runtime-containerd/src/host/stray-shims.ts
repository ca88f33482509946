import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "./file-store.js";
import { ifAlive } from "./if-alive.js";
import { listShims, type ShimProcess } from "./list-shims.js";
import { isShared } from "./shared-shim.js";

/** A shim ends a moment after its bundle was removed; one that is there after this time, in milliseconds, is left. */
const MOMENT_MS = 1_000;

/**
 * The shims among `candidates` that nobody can reach any more: their daemon has removed the bundle that they work in, and
 * they have no process. That is what containerd leaves of a task whose deletion overtakes its making: it tells the shim to
 * end while the shim is still at it, and never again (seen with 1.6). And of one that several delete at once: one of them
 * closes the connection before another has told the shim to end (seen with 2.4). A shim that containers share is none of
 * them: it works in the bundle of its first container, and the others can outlive that.
 */
export async function strayShims(
  candidates: (shim: ShimProcess) => boolean,
  options: { readonly proc?: string; readonly momentMs?: number } = {},
): Promise<readonly ShimProcess[]> {
  const { proc = "/proc", momentMs = MOMENT_MS } = options;
  const look = (): ShimProcess[] => listShims(proc).filter((shim) => candidates(shim) && isStray(shim, proc));
  const first = look();
  if (first.length === 0) return [];
  await sleep(momentMs);
  const pids = new Set(first.map(({ pid }) => pid));
  return look().filter(({ pid }) => pids.has(pid));
}

/** Ends a shim that is stray still. There is nobody whom it could tell of it, and nothing that it would put in order. */
export function endStrayShim({ pid, id }: ShimProcess): void {
  const shim = listShims().find((other) => other.pid === pid && other.id === id);
  if (shim === undefined || !isStray(shim, "/proc")) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!hasCode(error, "ESRCH")) throw error;
  }
}

function isStray(shim: ShimProcess, proc: string): boolean {
  const { pid } = shim;
  if (!linkOf(join(proc, String(pid), "cwd")).endsWith(" (deleted)")) return false;
  return !hasChildren(pid, proc) && !isShared(shim, proc);
}

function hasChildren(pid: number, proc: string): boolean {
  return readdirSync(proc).some((name) => /^[1-9][0-9]*$/.test(name) && parentOf(join(proc, name, "stat")) === pid);
}

/** Field 4 of `proc_pid_stat(5)`; the second one may hold spaces and parentheses. */
function parentOf(stat: string): number {
  const text = ifAlive(() => readFileSync(stat, "utf8"), "");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
}

function linkOf(path: string): string {
  return ifAlive(() => readlinkSync(path), "");
}
