import { readdirSync, readFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "./file-store.js";
import { ifAlive } from "./if-alive.js";

/** The name of a shim's process, cut by the kernel to fifteen characters. */
const SHIM = "containerd-shim";

/**
 * The process of a container's shim, by its command line; undefined where there is none of its own: it is gone, or shared
 * with another container that it is named after.
 */
export function findShim(namespace: string, id: string, proc = "/proc"): number | undefined {
  for (const pid of readdirSync(proc)) {
    if (!/^[1-9][0-9]*$/.test(pid)) continue;
    // The command line of a process that is stuck in the kernel cannot be read; its name always can.
    if (!readOf(join(proc, pid, "comm")).startsWith(SHIM)) continue;
    const args = readOf(join(proc, pid, "cmdline")).split("\0");
    if (valueOf(args, "-id") === id && valueOf(args, "-namespace") === namespace) return Number(pid);
  }
  return undefined;
}

function valueOf(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at === -1 ? undefined : args[at + 1];
}

/** Whether a process is stopped by a signal or a tracer, so that it answers nobody; not where there is none. */
export function isStopped(pid: number, proc = "/proc"): boolean {
  const text = readOf(join(proc, String(pid), "stat"));
  // The state stands behind the name, which may contain anything (proc_pid_stat(5)).
  return "Tt".includes(text.slice(text.lastIndexOf(")") + 2).charAt(0) || "-");
}

/**
 * Whether a process has this file open, by device and inode. One that is gone has nothing open. Undefined where we may
 * not look.
 */
export async function hasOpen(
  pid: number,
  file: { readonly dev: number; readonly ino: number },
  proc = "/proc",
): Promise<boolean | undefined> {
  const folder = join(proc, String(pid), "fd");
  try {
    const open = await Promise.all((await readdir(folder)).map((name) => isSame(join(folder, name), file)));
    return open.includes(true);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return false;
    if (hasCode(error, "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

async function isSame(path: string, file: { readonly dev: number; readonly ino: number }): Promise<boolean> {
  try {
    const { dev, ino } = await stat(path);
    return dev === file.dev && ino === file.ino;
  } catch (error) {
    // Closed meanwhile, or no file at all.
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES", "ENXIO")) return false;
    throw error;
  }
}

/** At once: the kernel has it in memory, and a few microseconds are less than the way through the thread pool. */
function readOf(path: string): string {
  return ifAlive(() => readFileSync(path, "utf8"), "");
}
