import { readdir, readFile } from "node:fs/promises";
import { errorCode } from "./error-code.js";

/** Answers to be had of a process that is gone, or that is not ours to ask. */
const ABSENT: readonly string[] = ["ENOENT", "ESRCH", "EACCES", "EPERM"];

const LOOK_AGAIN_MS = 10;
const LOOKS = 1000;

/**
 * Ends the process groups of all processes that have the variable in their environment (`proc_pid_environ(5)`), until a
 * look finds none; throws when they do not end. What is between its `fork` and its `exec` still has its parent's environment, so the first look is
 * never the last one.
 */
export async function endMarked(variable: string): Promise<void> {
  for (let look = 1, quiet = 0; quiet < 2; look += 1) {
    const groups = await groupsWith(variable);
    if (groups.size > 0 && look > LOOKS) throw new Error(`process groups ${[...groups].join(", ")} do not end`);
    groups.forEach(endGroup);
    quiet = groups.size === 0 ? quiet + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function groupsWith(variable: string): Promise<ReadonlySet<number>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const groups = await Promise.all(
    pids.map(async (pid) => {
      if (!`\0${await readPresent(`/proc/${pid}/environ`)}`.includes(`\0${variable}\0`)) return [];
      const stat = await readPresent(`/proc/${pid}/stat`);
      // The name in parentheses may hold anything, so fields are counted after its end: state, parent, group.
      const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return group === undefined || state === "Z" ? [] : [Number(group)];
    }),
  );
  return new Set(groups.flat());
}

function endGroup(group: number): void {
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

async function readPresent(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (ABSENT.includes(errorCode(error) ?? "")) return "";
    throw error;
  }
}
