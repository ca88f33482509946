import type { ContainerIO, IOOptions } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { waitForExit } from "../task/wait-for-exit.js";
import { logPaths } from "./log-paths.js";
import { logStream } from "./log-stream.js";

/** The two output streams of a container. Followed ones end when the container has exited and all is read. */
export function openIO(context: RuntimeContext, record: ContainerRecord, options: IOOptions): ContainerIO {
  const paths = logPaths(context.logDirFmt, record.name);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  if (options.follow !== true) {
    return {
      stdout: logStream(context.host.files, paths.stdout, call),
      stderr: logStream(context.host.files, paths.stderr, call),
    };
  }
  // In the background: the file's watcher is what keeps the process alive, as long as somebody reads.
  const background = { ...context, client: context.client.background() };
  const ended = waitForExit(background, record.id, call);
  // Whichever way the wait ends, the readers look once more and stop; a failure of it is not theirs to report.
  ended.catch(() => undefined);
  return {
    stdout: logStream(context.host.files, paths.stdout, { ...call, ended }),
    stderr: logStream(context.host.files, paths.stderr, { ...call, ended }),
  };
}
