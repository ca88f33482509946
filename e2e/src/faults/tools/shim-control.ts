import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { untilTrue } from "../../life/box.js";
import type { Stage } from "../../fixture/stage.js";
import { freeze } from "../planted/program/freeze.js";

/** The one shim process of a container. What is frozen goes on when this is disposed of. */
export class ShimControl implements Disposable {
  readonly pid: number;
  #frozen = false;

  private constructor(pid: number) {
    this.pid = pid;
  }

  /** Throws where there is not exactly one. */
  static async of(stage: Stage, id: string): Promise<ShimControl> {
    const pids = await shims(stage, id);
    const [pid, ...others] = pids;
    if (pid === undefined || others.length > 0) throw new Error(`no one shim of ${id}: ${pids.join(", ")}`);
    return new ShimControl(pid);
  }

  /** From then on it takes calls, and answers none. */
  async freeze(): Promise<void> {
    this.#frozen = true;
    await freeze(this.pid);
  }

  thaw(): void {
    if (this.#frozen) process.kill(this.pid, "SIGCONT");
    this.#frozen = false;
  }

  /** Ends it as nothing can prevent; resolves when it is gone. */
  async kill(): Promise<void> {
    process.kill(this.pid, "SIGKILL");
    this.#frozen = false;
    await untilTrue(async () => (await commandLine(String(this.pid))) === "");
  }

  [Symbol.dispose](): void {
    this.thaw();
  }
}

/** The shim processes of the stage's daemon, as the kernel lists them: all of them, or those of one container. */
export async function shims({ host }: Stage, id?: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [program = "", ...args] = (await commandLine(pid)).split("\0");
      const isOurs = program.includes("containerd-shim") && args.includes(host.address);
      return isOurs && (id === undefined || args[args.indexOf("-id") + 1] === id) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Empty for a process that has ended, and for one that is about to. */
async function commandLine(pid: string): Promise<string> {
  return readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "");
}
