import { spawn } from "node:child_process";
import type { ProgramCommand } from "./program-command.js";

/**
 * Starts a log process that outlives us. Resolves with true when it can be asked, and with false when it has ended at once,
 * because there is one already. Rejects when it cannot be started.
 */
export function spawnKeeper([file, ...args]: ProgramCommand, stateDir: string): Promise<boolean> {
  const keeper = spawn(file, [...args, "keep", stateDir], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
  });
  return new Promise((resolve, reject) => {
    keeper.stdout.once("data", () => {
      keeper.stdout.destroy();
      keeper.unref();
      resolve(true);
    });
    keeper.once("error", reject);
    keeper.once("exit", (code, signal) => {
      if (code === 0) resolve(false);
      else reject(new Error(`the log process could not be started: it ended with ${String(code ?? signal)}`));
    });
  });
}
