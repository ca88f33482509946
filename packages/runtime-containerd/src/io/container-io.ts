import { join } from "node:path";
import type { ContainerIO, IOOptions } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { hostId, type RuntimeContext } from "../context.js";
import { findShim, hasOpen } from "../host/shim-process.js";
import { logBytes } from "../log/log-bytes.js";
import type { FollowOptions } from "../log/read-log.js";
import { currentNames, type LogStreamName } from "../log/segment-names.js";
import { REGISTRATION } from "../log-process/registration.js";
import { stateDirectory } from "../run/name-files.js";
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
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const ended = options.follow === true ? exitInBackground(context, record, call) : undefined;
  const open = (stream: LogStreamName): ReadableStream<Uint8Array> =>
    openStream(context, record, stream, { ...call, ended, position: from[stream] });
  return { stdout: open("stdout"), stderr: open("stderr") };
}

interface StreamOptions {
  readonly signal?: AbortSignal;
  readonly ended: Promise<unknown> | undefined;
  readonly position: number;
}

/** Which of the two kinds of logs it is, is seen when it is read. */
function openStream(
  context: RuntimeContext,
  record: ContainerRecord,
  stream: LogStreamName,
  { ended, ...options }: StreamOptions,
): ReadableStream<Uint8Array> {
  const { files } = context.host;
  const paths = logPaths(context.logDirFmt, record.name);
  const choose = async (): Promise<ReadableStreamDefaultReader<Uint8Array>> => {
    if (await files.exists(join(paths.directory, currentNames(stream).times))) {
      const follow = ended === undefined ? {} : { follow: followOptions(context, record, ended) };
      return logBytes(files, paths.directory, stream, { ...options, ...follow }).getReader();
    }
    const closing = context.shortcuts ? { isWritten: writerOf(context, record) } : {};
    const follow = ended === undefined ? {} : { ended };
    return logStream(files, paths[stream], { ...options, ...follow, ...closing }).getReader();
  };
  let reader: Promise<ReadableStreamDefaultReader<Uint8Array>> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await (await (reader ??= choose())).read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        await (await reader)?.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** How a log is followed until this promise resolves, and all is read. */
export function followOptions(
  context: RuntimeContext,
  record: ContainerRecord,
  ended: Promise<unknown>,
): FollowOptions {
  return {
    ended,
    ...(context.shortcuts ? { isWritten: writerOf(context, record) } : {}),
    ensureWriter: () => ensureWriter(context, record),
  };
}

/** Only where somebody asks for its log to be written: there may be something left in its pipes. */
async function ensureWriter(context: RuntimeContext, { id }: ContainerRecord): Promise<void> {
  if (!(await context.host.files.exists(join(stateDirectory(context, id), REGISTRATION)))) return;
  await context.logProcess.finish(hostId(context, id), {});
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
