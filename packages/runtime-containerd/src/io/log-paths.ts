import { join } from "node:path";

export interface LogPaths {
  readonly directory: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a container's output is kept. `format` holds `%s` for the name, which as a name cannot leave its folder. */
export function logPaths(format: string, name: string): LogPaths {
  const directory = format.replaceAll("%s", name);
  return { directory, stdout: join(directory, "stdout.log"), stderr: join(directory, "stderr.log") };
}
