import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withHostLock } from "../host/host-lock.js";
import { HeldPipes } from "./held-pipes.js";
import { parseKeepMessage } from "./messages.js";
import { FOLDER, lockKeys } from "./paths.js";
import type { ProgramCommand } from "./program-command.js";

const ENOUGH = new Error("another one is there");
/** A writer that has lived so long was all right. In milliseconds. */
const SOUND_MS = 5_000;
/** How long one that is just ending is waited for. */
const PATIENCE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Holds the pipes of all containers open, and has a writer read them, a new one whenever it is gone. Does next to nothing,
 * so that there is next to nothing that could end it.
 */
export async function keep(program: ProgramCommand, stateDir: string): Promise<void> {
  const action = async (): Promise<void> => {
    clearTimeout(timer);
    const pipes = new HeldPipes(stateDir);
    pipes.holdAll();
    for (let quick = 0; ;) {
      const since = performance.now();
      // Where everything has been cleared away, there is nothing to be written.
      const code = await writeOnce(program, stateDir, pipes);
      if (code === 0 || !existsSync(stateDir)) break;
      // One that cannot even begin will not the next time either, and somebody waits for it.
      if (code !== undefined && isAwaited) throw new Error(`the writer has ended with ${code}`);
      quick = performance.now() - since < SOUND_MS ? quick + 1 : 0;
      if (quick > 1) await sleep(Math.min(LONGEST_PAUSE_MS, 50 * 2 ** quick));
    }
    rmSync(join(stateDir, FOLDER), { recursive: true, force: true });
  };
  const patience = new AbortController();
  const timer = setTimeout(() => {
    patience.abort(ENOUGH);
  }, PATIENCE_MS);
  try {
    await withHostLock(lockKeys(stateDir).keeper, action, { signal: patience.signal });
  } catch (error) {
    // There is one already.
    if (error !== ENOUGH) throw error;
  }
}

/** Resolves with the writer's exit code; undefined when it was killed. */
function writeOnce([file, ...args]: ProgramCommand, stateDir: string, pipes: HeldPipes): Promise<number | undefined> {
  const writer = spawn(file, [...args, "write", stateDir], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  writer.on("message", (message: unknown) => {
    if (message === "ready") closeStdout();
    else obey(writer, pipes, message);
  });
  return new Promise((resolve) => {
    writer.once("error", () => {
      resolve(undefined);
    });
    writer.once("exit", (code) => {
      resolve(code ?? undefined);
    });
  });
}

function obey(writer: ChildProcess, pipes: HeldPipes, value: unknown): void {
  const message = parseKeepMessage(value);
  if (message === undefined) return;
  if ("release" in message) {
    pipes.release(message.release);
    return;
  }
  pipes.hold(message.hold);
  writer.send({ held: message.hold });
}

let isAwaited = true;

/** Whoever started us waits for this. */
function closeStdout(): void {
  if (!isAwaited) return;
  isAwaited = false;
  // It may be gone: a writer that started us has handed over by now.
  process.stdout.on("error", () => undefined);
  process.stdout.end("ready\n");
}
