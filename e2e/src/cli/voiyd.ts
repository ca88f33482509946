import { type ChildProcess, spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Stage } from "../fixture/stage.js";

const PROGRAM = fileURLToPath(new URL("../../../packages/cli/bin/voiyd.cjs", import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly result: Promise<CommandResult>;
  /** Resolves when the output so far holds `text`. */
  saw(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** Starts the command line as a user would, on the stage's host. */
export function start(stage: Stage, args: readonly string[]): RunningCommand {
  const env = { ...process.env, ...stage.host.env };
  delete env["NODE_EXTRA_CA_CERTS"];
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  const output = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  child.stdout.on("data", (chunk: Buffer) => {
    output.stdout += chunk.toString("utf8");
    wake();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString("utf8");
    wake();
  });
  const result = new Promise<CommandResult>((resolve) => {
    child.on("close", (code) => {
      resolve({ code, ...output });
      wake();
    });
  });
  return {
    result,
    saw: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.stdout.includes(text)) {
            waiting.delete(look);
            resolve();
          } else if (child.exitCode !== null || child.signalCode !== null) {
            waiting.delete(look);
            reject(new Error(`voiyd ${args.join(" ")} ended and never said ${text}: ${output.stdout}${output.stderr}`));
          }
        };
        waiting.add(look);
        look();
      }),
    signal: (name) => {
      child.kill(name);
    },
  };
}

/** Runs a command to its end. */
export function voiyd(stage: Stage, ...args: readonly string[]): Promise<CommandResult> {
  return start(stage, args).result;
}

/** Runs a command that has to succeed; resolves with what it wrote. */
export async function output(stage: Stage, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await voiyd(stage, ...args);
  if (code !== 0) throw new Error(`voiyd ${args.join(" ")} ended with ${code ?? "a signal"}: ${stderr}`);
  return stdout;
}

/** Starts a command whose standard input is ours to write to, and whose output nobody reads. */
export function startPiped(stage: Stage, args: readonly string[]): ChildProcess & { readonly stdin: Writable } {
  return spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ["pipe", "ignore", "ignore"],
    env: { ...process.env, ...stage.host.env },
  });
}

/** Runs a command to its end with `text` on its standard input. */
export function withInput(stage: Stage, text: string, args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...stage.host.env },
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString("utf8")));
  // It may end before it reads.
  child.stdin.on("error", () => undefined);
  child.stdin.end(text);
  return new Promise((resolve) => {
    child.on("close", (code) => {
      resolve({ code, ...output });
    });
  });
}
