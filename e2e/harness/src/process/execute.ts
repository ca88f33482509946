import { spawn } from "node:child_process";

export interface ExecuteOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** Milliseconds after which the program is killed. Default 60 000. */
  readonly timeoutMs?: number;
  /** Exit codes that are not a failure, beside 0; `"any"` for all. Default none. */
  readonly accept?: readonly number[] | "any";
}

export interface ExecuteResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. The one door to other programs: a test hands in its own. */
export type Execute = (file: string, args: readonly string[], options?: ExecuteOptions) => Promise<ExecuteResult>;

/** A program that could not be started, was killed, or ended with an exit code that was not accepted. */
export class ExecuteError extends Error {
  readonly file: string;
  readonly args: readonly string[];
  /** Undefined when the program did not start or was killed. */
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** The system's code when the program could not be started (`ENOENT`). */
  readonly code: string | undefined;

  constructor(
    file: string,
    args: readonly string[],
    what: string,
    facts: { exitCode?: number; stderr?: string; code?: string; cause?: unknown },
  ) {
    const said = (facts.stderr ?? "").trim();
    super(`${[file, ...args].join(" ")}: ${what}${said === "" ? "" : `: ${said}`}`, { cause: facts.cause });
    this.name = "ExecuteError";
    this.file = file;
    this.args = args;
    this.exitCode = facts.exitCode;
    this.stderr = facts.stderr ?? "";
    this.code = facts.code;
  }
}

/** The {@link Execute} of production: an argument vector, never a shell. Throws {@link ExecuteError}. */
export const execute: Execute = (file, args, options = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env === undefined ? process.env : { ...process.env, ...options.env },
      signal: options.signal,
      killSignal: "SIGKILL",
      stdio: ["pipe", "pipe", "pipe"],
    });
    // Not spawn's own timeout, whose timer stays when the program cannot be started.
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 60_000);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    // A program that does not read its input closes the pipe early; its exit code tells the story.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("error", (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (options.signal?.aborted === true) reject(options.signal.reason);
      else
        reject(
          new ExecuteError(file, args, `could not be started (${cause.code ?? cause.message})`, {
            cause,
            ...(cause.code === undefined ? {} : { code: cause.code }),
          }),
        );
    });
    child.on("close", (exitCode, signal) => {
      clearTimeout(timer);
      const result = { stdout: Buffer.concat(stdout).toString("utf8"), stderr: Buffer.concat(stderr).toString("utf8") };
      if (exitCode === null) {
        reject(new ExecuteError(file, args, `was killed by ${signal ?? "a signal"}`, { stderr: result.stderr }));
        return;
      }
      const accepted = exitCode === 0 || options.accept === "any" || (options.accept?.includes(exitCode) ?? false);
      if (accepted) resolve({ exitCode, ...result });
      else
        reject(new ExecuteError(file, args, `ended with exit code ${exitCode}`, { exitCode, stderr: result.stderr }));
    });
  });
