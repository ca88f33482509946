import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 10_000;

// Here, because a planted program is compiled from this one folder.

/**
 * Stops a process, and resolves when every one of its threads stands still: until the kernel comes to a thread, it may
 * answer one more call. Rejects when that takes longer than anything explains.
 */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await standsStill(pid))) {
    if (performance.now() > deadline) throw new Error(`process ${String(pid)} goes on after SIGSTOP`);
    await sleep(1);
  }
}

async function standsStill(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${String(pid)}/task`);
  const states = await Promise.all(threads.map((thread) => stateOf(`/proc/${String(pid)}/task/${thread}/stat`)));
  return states.every((state) => state === "T");
}

/** The third field is `T` (proc_pid_stat(5)); the second, in parentheses, is free text. Undefined for a thread that has gone. */
async function stateOf(path: string): Promise<string | undefined> {
  try {
    const stat = await readFile(path, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  } catch {
    // It is not among the threads the next time; a process that has gone is told by that.
    return undefined;
  }
}
