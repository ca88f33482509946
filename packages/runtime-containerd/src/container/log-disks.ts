import { dirname } from "node:path";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { logPaths } from "../io/log-paths.js";

/** Whether no byte is left for the log of the container of this name. */
export type LogDiskIsFull = (name: string) => Promise<boolean>;

/** Asks the disk for each container. */
export function eachLogDisk(context: RuntimeContext): LogDiskIsFull {
  return (name) => isFull(context, logPaths(context.logDirFmt, name).directory);
}

/**
 * Asks once for all containers, where all of their logs are on one disk: where nothing is mounted below the folder that
 * they share. Asks nothing before the first question.
 */
export function sharedLogDisk(context: RuntimeContext): LogDiskIsFull {
  const before = context.logDirFmt.split("%s", 1)[0] ?? "/";
  const shared = before.endsWith("/") ? before.slice(0, -1) || "/" : dirname(before);
  const each = eachLogDisk(context);
  let common: Promise<boolean> | undefined;
  let answer: Promise<boolean> | undefined;
  return async (name) => {
    if (!(await (common ??= isOneDisk(context, shared)))) return each(name);
    return (answer ??= isFull(context, shared));
  };
}

async function isOneDisk(context: RuntimeContext, directory: string): Promise<boolean> {
  const { files } = context.host;
  try {
    const [mounts, real] = await Promise.all([files.read("/proc/self/mountinfo"), files.realPath(directory)]);
    const below = real === "/" ? real : `${real}/`;
    return !mountPoints(mounts).some((mount) => mount.startsWith(below));
  } catch (error) {
    if (!hasCode(error, "ENOENT", "EACCES")) throw error;
    return false;
  }
}

/** The fifth field of each line (proc_pid_mountinfo(5)), with its octal escapes resolved. */
function mountPoints(mountInfo: string): string[] {
  return mountInfo
    .split("\n")
    .map((line) => (line.split(" ", 5)[4] ?? "").replace(/\\([0-7]{3})/g, (_, code: string) => byte(code)));
}

function byte(octal: string): string {
  return String.fromCharCode(parseInt(octal, 8));
}

async function isFull(context: RuntimeContext, directory: string): Promise<boolean> {
  try {
    return (await context.host.files.freeBytes(directory)) === 0;
  } catch (error) {
    // Being removed at this moment: there is no log to be full.
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}
