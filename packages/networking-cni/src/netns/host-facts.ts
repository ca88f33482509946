import { statSync } from "node:fs";
import { readFile, readdir, readlink } from "node:fs/promises";
import { errorCode } from "../plugin/error-code.js";

/** What has to be known about the host and its processes. The seam for tests. */
export interface HostFacts {
  /** Another one after each boot. */
  bootId(): Promise<string>;
  /** The identity of the network namespace that this process is in. */
  ownNamespace(): Promise<string>;
  /** This process, unmistakably: pid and start time. */
  self(): Promise<string>;
  /** Whether the process that `self` named still lives. */
  isAlive(owner: string): Promise<boolean>;
  /** Whether any process is in the network namespace. */
  isInhabited(namespace: string): Promise<boolean>;
  /** The processes that were started for the container: plugins, and what they started. Not the container's own. */
  workersOf(containerId: string): Promise<readonly number[]>;
}

/** Reads `/proc`. */
export class ProcHostFacts implements HostFacts {
  #bootId: Promise<string> | undefined;
  #self: Promise<string> | undefined;

  bootId(): Promise<string> {
    this.#bootId ??= readFile("/proc/sys/kernel/random/boot_id", "utf8").then((text) => text.trim());
    return this.#bootId;
  }

  async ownNamespace(): Promise<string> {
    return identityOf(statSync("/proc/self/ns/net", { bigint: true }));
  }

  self(): Promise<string> {
    this.#self ??= startTime(process.pid).then((time) => `${String(process.pid)}:${time ?? "0"}`);
    return this.#self;
  }

  async isAlive(owner: string): Promise<boolean> {
    const [pid, started] = owner.split(":");
    return started !== undefined && (await startTime(Number(pid))) === started;
  }

  async isInhabited(namespace: string): Promise<boolean> {
    const links = await Promise.all((await processes()).map((pid) => linkGone(`/proc/${String(pid)}/ns/net`)));
    const inode = namespace.split(":")[1] ?? "";
    return links.includes(`net:[${inode}]`);
  }

  async workersOf(containerId: string): Promise<readonly number[]> {
    const pids = await processes();
    const marks = `\0CNI_CONTAINERID=${containerId}\0`;
    const found = await Promise.all(
      pids.map(async (pid) => (`\0${await readGone(`/proc/${String(pid)}/environ`)}`.includes(marks) ? [pid] : [])),
    );
    // What runs in a container can have any variable: what is no process of the host's is none of ours.
    const own = await linkGone("/proc/self/ns/pid");
    const ours = await Promise.all(found.flat().map((pid) => linkGone(`/proc/${String(pid)}/ns/pid`)));
    return found.flat().filter((pid, index) => pid !== process.pid && ours[index] === own);
  }
}

/** Device and inode of a namespace file. */
export function identityOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${String(dev)}:${String(ino)}`;
}

/** When a process was started, in clock ticks since boot (proc(5), field 22); `undefined` when there is none. */
async function startTime(pid: number): Promise<string | undefined> {
  const text = await readGone(`/proc/${String(pid)}/stat`);
  // The name in parentheses may hold anything, so fields are counted after its end.
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
}

async function processes(): Promise<readonly number[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
}

function readGone(path: string): Promise<string> {
  return orEmpty(readFile(path, "latin1"));
}

function linkGone(path: string): Promise<string> {
  return orEmpty(readlink(path));
}

/** Empty for a process that is gone or not ours to look at. */
async function orEmpty(reading: Promise<string>): Promise<string> {
  try {
    return await reading;
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "EPERM"].includes(errorCode(error) ?? "")) return "";
    throw error;
  }
}
