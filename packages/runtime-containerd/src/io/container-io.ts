import type { ContainerIO, IOOptions } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { waitForExit } from "../task/wait-for-exit.js";
import { logPaths } from "./log-paths.js";
import { openLogStream } from "./log-stream.js";

/** The two output streams of a container. Followed ones end when the container has exited and all is read. */
export async function openIO(context: RuntimeContext, record: ContainerRecord, options: IOOptions): Promise<ContainerIO> {
  const { files } = context.host;
  const paths = logPaths(context.logDirFmt, record.name);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const follow = options.follow === true ? { ended: exitInBackground(context, record, call) } : {};
  const stdout = await openLogStream(files, paths.stdout, { ...call, ...follow });
  try {
    return { stdout, stderr: await openLogStream(files, paths.stderr, { ...call, ...follow }) };
  } catch (error) {
    await stdout.cancel();
    throw error;
  }
}

/** In the background: what keeps the process alive is the watch on the file, as long as somebody reads. */
function exitInBackground(context: RuntimeContext, record: ContainerRecord, call: { signal?: AbortSignal }): Promise<unknown> {
  const background = { ...context, client: context.client.background() };
  const ended = waitForExit(background, record.id, call);
  // Whichever way the wait ends, the readers look once more and stop; a failure of it is not theirs to report.
  ended.catch(() => undefined);
  return ended;
}
