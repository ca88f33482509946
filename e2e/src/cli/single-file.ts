import { execFile, spawn } from "node:child_process";
import { copyFile, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Stage } from "../fixture/stage.js";
import type { CommandResult } from "./voiyd.js";

const CLI = fileURLToPath(new URL("../../../packages/cli", import.meta.url));
const SYSTEM_DIRS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** The command as a single file, on a host that has neither Node.js nor this checkout, as far as the command can see. */
export interface SingleFile {
  readonly path: string;
  /** Runs it to its end; its environment is the host's, and no more than that and `env`. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<CommandResult>;
  /** Runs it to its end, which has to be a success; resolves with what it wrote. */
  output(...args: readonly string[]): Promise<string>;
}

/** Builds it, where what was built is not of today's program, and puts a copy in the stage's folder. */
export async function singleFile(stage: Stage): Promise<SingleFile> {
  await promisify(execFile)(process.execPath, ["executable/build.mjs", "--if-needed"], { cwd: CLI });
  const path = join(stage.directory, "single", "voiyd");
  await mkdir(dirname(path));
  await copyFile(join(CLI, "dist/voiyd"), path);
  const programs = await programsWithoutNode(join(stage.directory, "programs"));
  const run: SingleFile["run"] = (args, env = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(path, args, {
        cwd: dirname(path),
        stdio: ["ignore", "pipe", "pipe"],
        env: { PATH: programs, ...stage.host.env, ...env },
      });
      const output = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString("utf8")));
      child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString("utf8")));
      child.on("error", reject);
      child.on("close", (code) => {
        resolve({ code, ...output });
      });
    });
  return {
    path,
    run,
    async output(...args) {
      const { code, stdout, stderr } = await run(args);
      if (code !== 0) throw new Error(`voiyd ${args.join(" ")} ended with ${code ?? "a signal"}: ${stderr}`);
      return stdout;
    },
  };
}

/** A folder with all of the host's programs but Node.js and what comes with it. */
async function programsWithoutNode(folder: string): Promise<string> {
  await mkdir(folder);
  const names = new Map<string, string>();
  for (const directory of SYSTEM_DIRS) {
    for (const name of await readdir(directory).catch(() => [])) names.set(name, join(directory, name));
  }
  for (const name of ["node", "nodejs", "npm", "npx"]) names.delete(name);
  await Promise.all([...names].map(([name, target]) => symlink(target, join(folder, name))));
  return folder;
}
