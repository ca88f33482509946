import { join } from "node:path";
import type { ContainerConfig } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { makeFifos } from "../fifo/make-fifos.js";
import { taskOutput } from "../log/task-output.js";
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
 * The streams of a container's first process. None of them is held by a process of its caller's: output goes to files, by
 * the shim or by the host's log process, and input comes through a pipe that the shim keeps open on both sides. So nothing is
 * lost or held up when a caller dies, and whoever attaches later finds everything.
 */
export async function taskIO(
  context: RuntimeContext,
  container: { readonly id: string; readonly name: string; readonly config: ContainerConfig },
  options: { signal?: AbortSignal },
): Promise<TaskIO> {
  const { id, config } = container;
  const { tty = false, stdin = false } = config;
  const pipe = stdinPath(context, id);
  if (stdin && !(await context.host.files.exists(pipe))) await makeFifos(context, [pipe], options);
  // For a terminal containerd 1.6 knows no `file://`. A plain path it opens without O_APPEND: where such a log is emptied
  // while its container runs, what follows stands behind a hole.
  const output = await mapped(`logs of container ${container.name}`, () => taskOutput(context, container, options));
  return { terminal: tty, stdin: stdin ? pipe : "", ...output };
}
