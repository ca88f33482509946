import type { ContainerIO, IOOptions } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { findShim, hasOpen } from "../host/shim-process.js";
import { waitForExit } from "../task/wait-for-exit.js";
import { logPaths } from "./log-paths.js";
import { logStream, type LogStreamOptions } from "./log-stream.js";

/**
 * The two output streams of a container. Followed ones end when the container has exited and all is read.
 *
 * @param from where in the files to begin, in bytes
 */
export function openIO(
  context: RuntimeContext,
  record: ContainerRecord,
  options: IOOptions,
  from: { readonly stdout: number; readonly stderr: number } = { stdout: 0, stderr: 0 },
): ContainerIO {
  const { files } = context.host;
  const paths = logPaths(context.logDirFmt, record.name);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const follow = options.follow === true ? { ended: exitInBackground(context, record, call) } : {};
  const closing = context.shortcuts ? { isWritten: writerOf(context, record) } : {};
  return {
    stdout: logStream(files, paths.stdout, { ...call, ...follow, ...closing, position: from.stdout }),
    stderr: logStream(files, paths.stderr, { ...call, ...follow, ...closing, position: from.stderr }),
  };
}

/** The shim writes the logs. It is looked for once, when somebody wants to know. */
function writerOf(context: RuntimeContext, { id }: ContainerRecord): NonNullable<LogStreamOptions["isWritten"]> {
  let shim: { readonly pid: number | undefined } | undefined;
  return async (log) => {
    shim ??= { pid: findShim(context.namespace, id) };
    return shim.pid === undefined ? undefined : hasOpen(shim.pid, log);
  };
}

/** In the background: what keeps the process alive is the watch on the file, as long as somebody reads. */
function exitInBackground(
  context: RuntimeContext,
  record: ContainerRecord,
  call: { signal?: AbortSignal },
): Promise<unknown> {
  const background = { ...context, client: context.client.background() };
  const ended = waitForExit(background, record.id, call);
  // Whichever way the wait ends, the readers look once more and stop; a failure of it is not theirs to report.
  ended.catch(() => undefined);
  return ended;
}
