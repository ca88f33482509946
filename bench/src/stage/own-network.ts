import { execFileSync, spawnSync } from "node:child_process";

/** Set for the program that runs inside. */
const INSIDE = "VOIYD_BENCH_INSIDE";

/**
 * Starts `program` with our arguments in a network namespace of its own, where nothing that it sets up meets what the host has.
 * Returns its exit code; undefined where we are there
 * already.
 */
export function inOwnNetwork(program: string): number | undefined {
  if (process.env[INSIDE] !== undefined) {
    execFileSync("ip", ["link", "set", "lo", "up"]);
    return undefined;
  }
  const args = ["--net", process.execPath, ...process.execArgv, program, ...process.argv.slice(2)];
  const { status, error } = spawnSync("unshare", args, { stdio: "inherit", env: { ...process.env, [INSIDE]: "1" } });
  if (error !== undefined) throw error;
  return status ?? 1;
}
