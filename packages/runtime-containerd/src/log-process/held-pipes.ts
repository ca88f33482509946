import { closeSync, constants, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../host/file-store.js";
import { bootOf, pipeName, REGISTRATION } from "./registration.js";

/**
 * Reading ends of pipes that nobody reads from. A pipe and what is in it last as long as somebody has it open: its shim
 * closes it when the container has ended, which may be while the writer of the logs is being replaced.
 */
export class HeldPipes {
  readonly #directory: string;
  readonly #held = new Map<string, readonly number[]>();

  constructor(stateDir: string) {
    this.#directory = stateDir;
  }

  hold(folder: string): void {
    this.release(folder);
    const fds = (["stdout", "stderr"] as const).map((stream) =>
      openPipe(join(this.#directory, folder, pipeName(stream))),
    );
    this.#held.set(
      folder,
      fds.filter((fd) => fd !== undefined),
    );
  }

  /** Holds every pipe that somebody has asked to be logged. */
  holdAll(): void {
    for (const folder of registeredFolders(this.#directory)) this.hold(folder);
  }

  release(folder: string): void {
    for (const fd of this.#held.get(folder) ?? []) closeSync(fd);
    this.#held.delete(folder);
  }
}

function openPipe(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    // A terminal has no second one; and a container may have been removed meanwhile.
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The containers' folders that ask to be logged. What is left of an earlier boot asks for nothing any more. */
export function registeredFolders(stateDir: string): string[] {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return readdirSync(stateDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && registeredIn(join(stateDir, entry.name)) === boot)
    .map((entry) => entry.name);
}

function registeredIn(folder: string): string | undefined {
  try {
    return bootOf(readFileSync(join(folder, REGISTRATION), "utf8"));
  } catch (error) {
    // One that is just being written is followed by a request of its own.
    if (hasCode(error, "ENOENT", "ENOTDIR") || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
