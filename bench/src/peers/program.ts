import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

export interface ProgramOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Exit codes that are success beside 0. */
  readonly accept?: readonly number[];
  readonly cwd?: string;
}

/** Runs a program to its end; resolves with what it wrote to its standard output. Rejects when it fails. */
export function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: options.env, cwd: options.cwd, stdio: ["ignore", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0 || (code !== null && options.accept?.includes(code) === true)) {
        resolve(Buffer.concat(stdout).toString("utf8"));
      } else {
        const said = Buffer.concat(stderr).toString("utf8").trim();
        reject(new Error(`${[file, ...args].join(" ")} ended with ${String(code ?? signal)}: ${said}`));
      }
    });
  });
}

/** The path of a program; undefined where it is not installed. */
export async function findProgram(name: string): Promise<string | undefined> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue; // not in this folder
    }
  }
  return undefined;
}
