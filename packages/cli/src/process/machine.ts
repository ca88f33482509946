import { readFile } from "node:fs/promises";
import { arch, availableParallelism, hostname, release, totalmem, type } from "node:os";
import type { Machine } from "./surroundings.js";

/** The machine that this process runs on. */
export async function machine(): Promise<Machine> {
  return {
    name: hostname(),
    kernel: release(),
    system: (await systemName()) ?? type(),
    architecture: arch(),
    processors: availableParallelism(),
    memory: totalmem(),
  };
}

/** As the system calls itself (`os-release(5)`); undefined where it does not. */
async function systemName(): Promise<string | undefined> {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(await readFile("/etc/os-release", "utf8"))?.[1];
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
