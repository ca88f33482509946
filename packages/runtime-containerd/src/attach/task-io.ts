import { join } from "node:path";
import type { ContainerConfig } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { makeFifos } from "../fifo/make-fifos.js";
import { logPaths } from "../io/log-paths.js";
import { stateDirectory } from "../run/name-files.js";

/** What the shim is told of a task's streams; an empty path stands for none. */
export interface TaskIO {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly terminal: boolean;
}

/** The pipe for a container's standard input. Its path follows from the id, so that everybody finds it. */
export function stdinPath(context: RuntimeContext, id: string): string {
  return join(stateDirectory(context, id), "stdin");
}

/**
 * The streams of a container's first process. None of them is held by a process of ours: output goes to files, a terminal's
 * too, and input comes through a pipe that the shim keeps open on both sides. So nothing is lost or held up when a caller
 * dies, and whoever attaches later finds everything.
 */
export async function taskIO(
  context: RuntimeContext,
  { id, name, config }: { readonly id: string; readonly name: string; readonly config: ContainerConfig },
  options: { signal?: AbortSignal },
): Promise<TaskIO> {
  const { tty = false, stdin = false } = config;
  const log = logPaths(context.logDirFmt, name);
  const pipe = stdinPath(context, id);
  if (stdin && !(await context.host.files.exists(pipe))) await makeFifos(context, [pipe], options);
  return {
    terminal: tty,
    stdin: stdin ? pipe : "",
    // For a terminal containerd 1.6 knows no `file://`. A plain path it opens without O_APPEND: where such a log is emptied
    // while its container runs, what follows stands behind a hole.
    stdout: log.stdout,
    stderr: tty ? "" : log.stderr,
  };
}
