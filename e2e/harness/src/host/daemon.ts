import { readFile, readlink, realpath } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { endProcess, isAlive } from "../process/end-process.js";
import { type Execute, execute } from "../process/execute.js";
import { type Launch, launch } from "../process/launch.js";
import type { ProcessEntry } from "../process/process-table.js";
import type { HostPaths } from "./host-paths.js";

const READY_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 10_000;

/** Whether somebody accepts connections on a unix socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket
      .once("connect", () => {
        resolve(true);
      })
      .once("error", () => {
        resolve(false);
      });
    socket.once("connect", () => socket.destroy());
  });
}

async function waitUntilReady(paths: HostPaths, daemon: ProcessEntry, run: Execute): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    // The socket accepts before every service is there.
    if ((await answers(paths.address)) && (await serves(paths, run))) return;
    const dead = !(await isAlive(daemon));
    if (dead || performance.now() > deadline) {
      const log = (await readFile(paths.logFile, "utf8")).trimEnd().split("\n").slice(-10).join("\n");
      throw new Error(
        `the private containerd ${dead ? "ended at its start" : "does not answer"}; its last words:\n${log}`,
      );
    }
    await delay(10);
  }
}

async function serves(paths: HostPaths, run: Execute): Promise<boolean> {
  const args = ["--address", paths.address, "version"];
  const { exitCode } = await run("ctr", args, { timeoutMs: READY_TIMEOUT_MS, accept: "any" });
  return exitCode === 0;
}

/** Starts the daemon of a host and resolves when it serves. */
export async function startDaemon(
  paths: HostPaths,
  run: Execute = execute,
  start: Launch = launch,
  searchPath?: string,
): Promise<ProcessEntry> {
  const daemon = await start("containerd", ["--config", paths.configFile], {
    logFile: paths.logFile,
    ...(searchPath === undefined ? {} : { env: { PATH: searchPath } }),
  });
  try {
    await waitUntilReady(paths, daemon, run);
    await assertChosen(daemon, process.env["VOIYD_HARNESS_PROGRAMS"]);
  } catch (error) {
    await endProcess(daemon, 0);
    throw error;
  }
  return daemon;
}

/** Tests of one release must not pass because another one was started: its program has to be of the folder that was named. */
export async function assertChosen({ pid }: Pick<ProcessEntry, "pid">, folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const program = await readlink(`/proc/${String(pid)}/exe`);
  if (dirname(program) === (await realpath(folder))) return;
  throw new Error(`the daemon is ${program}, and VOIYD_HARNESS_PROGRAMS names ${folder}`);
}

/** Ends the daemon alone: shims and containers live on, as when a real one is restarted. */
export async function stopDaemon(daemon: ProcessEntry, how: "terminate" | "kill"): Promise<void> {
  await endProcess(daemon, how === "terminate" ? STOP_GRACE_MS : 0);
}
