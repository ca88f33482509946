import { readFileSync } from "node:fs";
import { hasCode } from "./file-store.js";

/** Identifies a process for good: a pid alone is given out again, a pid with its start time and boot is not. */
export interface ProcessIdentity {
  /** This process, as `<pid>:<start time>:<boot id>`. */
  readonly self: string;
  /** The boot of the host, which no other one is called as. */
  readonly boot: string;
  /** Whether the process with this identity still lives. */
  isAlive(identity: string): boolean;
}

export function createProcessIdentity(bootId: string): ProcessIdentity {
  return {
    boot: bootId,
    self: `${String(process.pid)}:${startTime(process.pid) ?? "0"}:${bootId}`,
    isAlive(identity) {
      const [pid, started, boot] = identity.split(":");
      if (pid === undefined || !/^[1-9][0-9]*$/.test(pid) || boot !== bootId) return false;
      return startTime(Number(pid)) === started;
    },
  };
}

/** Field 22 of `proc_pid_stat(5)`, in clock ticks since boot; undefined when there is no such process. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    // The second field is the command in parentheses, and may itself hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}
