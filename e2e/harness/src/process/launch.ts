import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { type ProcessEntry, readProcess } from "./process-table.js";

export interface LaunchOptions {
  /** Both output streams are appended to this file. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program in the background, to be ended by the process that is returned. */
export type Launch = (file: string, args: readonly string[], options: LaunchOptions) => Promise<ProcessEntry>;

/**
 * The {@link Launch} of production. The program gets SIGTERM when the thread that started it ends, however that ends
 * (`setpriv --pdeathsig`), and does not keep this process from ending.
 */
export const launch: Launch = async (file, args, options) => {
  await using log = await open(options.logFile, "a", 0o600);
  const child = spawn("setpriv", ["--pdeathsig", "TERM", "--", file, ...args], {
    detached: true, // Ctrl-C at the terminal is for us; we end what we started in our own order.
    env: options.env === undefined ? process.env : { ...process.env, ...options.env },
    stdio: ["ignore", log.fd, log.fd],
  });
  await once(child, "spawn");
  child.on("error", () => undefined); // after "spawn" only a failed kill would be told here, and we kill by pid
  child.unref();
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${file} was started without a pid`);
  // One that has ended already is told as such: its output says why.
  return readProcess(pid) ?? { pid, parent: process.pid, startTime: "", state: "X", commandLine: [] };
};
