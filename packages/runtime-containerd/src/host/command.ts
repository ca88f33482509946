import { execFile } from "node:child_process";

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the host with an argument vector, never through a shell. */
export type CommandRunner = (
  file: string,
  args: readonly string[],
  options?: { signal?: AbortSignal },
) => Promise<CommandResult>;

const OUTPUT_MAX_BYTES = 1024 * 1024;

export const runCommand: CommandRunner = (file, args, options = {}) =>
  new Promise((resolve, reject) => {
    execFile(
      file,
      args,
      { maxBuffer: OUTPUT_MAX_BYTES, ...(options.signal === undefined ? {} : { signal: options.signal }) },
      (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(Object.assign(error, { stderr }));
      },
    );
  });
