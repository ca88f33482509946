import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Stage } from "../fixture/stage.js";

/** The shim processes of the stage's daemon, as the kernel lists them. */
export async function shims(stage: Stage): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^[0-9]+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const command = await readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "");
      return command.includes("containerd-shim") && command.includes(stage.host.address) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
