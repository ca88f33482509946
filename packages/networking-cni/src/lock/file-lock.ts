import { spawn } from "node:child_process";
import { RuntimeError } from "@voiyd/runtime-api";
import { baseEnvironment } from "../plugin/environment.js";
import { orAbort } from "./mutex.js";

/** Does something while a file is locked, as `flock(2)` locks it. The seam for tests. */
export type FileLock = <T>(file: string, action: () => Promise<T>, signal: AbortSignal) => Promise<T>;

/**
 * Locks with `flock` (util-linux): Node.js cannot. The lock is held by a `cat` that ends with its input, so it is gone
 * when this process is. Throws `FAILED_PRECONDITION` where there is no `flock`.
 */
export const withFileLock: FileLock = async (file, action, signal) => {
  signal.throwIfAborted();
  const child = spawn("flock", ["--exclusive", file, "cat"], { env: baseEnvironment(), cwd: "/", stdio: "pipe" });
  const complaint: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => complaint.push(chunk));
  const ended = new Promise<Error | undefined>((resolve) => {
    child.once("error", resolve);
    child.once("close", () => {
      resolve(undefined);
    });
  });
  // Whoever has the lock hears what is said to it; a broken pipe is told by the end of the process.
  const held = new Promise<true>((resolve) => {
    child.stdout.once("data", () => {
      resolve(true);
    });
  });
  child.stdin.on("error", (error) => complaint.push(Buffer.from(String(error))));
  child.stdin.write("?");
  try {
    const got = await orAbort(Promise.race([held, ended]), signal);
    if (got !== true) throw notLocked(file, Buffer.concat(complaint).toString("utf8"), got);
    return await action();
  } finally {
    child.stdin.end();
    if (signal.aborted) child.kill("SIGTERM");
    await ended;
  }
};

function notLocked(file: string, complaint: string, cause: unknown): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${file} cannot be locked: ${complaint.trim() || String(cause)}`, {
    hint: "Install flock (util-linux)",
    details: { path: file },
    ...(cause === undefined ? {} : { cause }),
  });
}
