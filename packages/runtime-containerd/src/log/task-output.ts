import { join } from "node:path";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { hostId, type RuntimeContext } from "../context.js";
import { logPaths } from "../io/log-paths.js";
import { type LogRegistration, parseRegistration, pipeName, REGISTRATION } from "../log-process/registration.js";
import { stateDirectory } from "../run/name-files.js";
import { localLimits, loggingOf } from "./logging-of.js";

/** Where a shim is to send a task's output; an empty path stands for nowhere. */
export interface TaskOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes ready for one life of a container what it logs to. */
export async function taskOutput(
  context: RuntimeContext,
  { id, name, config }: { readonly id: string; readonly name: string; readonly config: ContainerConfig },
  options: { signal?: AbortSignal },
): Promise<TaskOutput> {
  const { tty = false } = config;
  const logging = loggingOf(context, config);
  switch (logging.driver) {
    case "local": {
      const streams = tty ? (["stdout"] as const) : (["stdout", "stderr"] as const);
      const { directory } = logPaths(context.logDirFmt, name);
      await register(context, id, { directory, streams, ...localLimits(logging) });
      // Its pipes have to be read before the shim opens them.
      await context.logProcess.attach(hostId(context, id), options);
      const pipe = (stream: "stdout" | "stderr"): string => join(stateDirectory(context, id), pipeName(stream));
      return { stdout: pipe("stdout"), stderr: tty ? "" : pipe("stderr") };
    }
    case "none":
      return { stdout: "/dev/null", stderr: tty ? "" : "/dev/null" };
    case "binary": {
      const uri = new URL(`binary://${logging.path}`);
      if (logging.key !== undefined) uri.searchParams.set(logging.key, logging.value ?? "");
      return { stdout: uri.href, stderr: tty ? "" : uri.href };
    }
    default: {
      const log = logPaths(context.logDirFmt, name);
      return { stdout: log.stdout, stderr: tty ? "" : log.stderr };
    }
  }
}

/** Asks, in a file that outlives everybody, for a container's output to be logged. */
export async function register(context: RuntimeContext, id: string, wanted: LogRegistration): Promise<void> {
  const { files, facts } = context.host;
  const directory = stateDirectory(context, id);
  await files.makePrivateDirectory(directory);
  await files.writeInPlace(join(directory, REGISTRATION), JSON.stringify({ ...wanted, boot: facts.bootId }), 0o600);
}

/** The container has another name: whoever takes its log up from now on finds it where it is. */
export async function moveRegistration(context: RuntimeContext, id: string, name: string): Promise<void> {
  const path = join(stateDirectory(context, id), REGISTRATION);
  const { files } = context.host;
  if (!(await files.exists(path))) return;
  await register(context, id, {
    ...parseRegistration(await files.read(path)),
    directory: logPaths(context.logDirFmt, name).directory,
  });
}
