import { dirname, join } from "node:path";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { currentNames, fullNames, fullStarts } from "../log/segment-names.js";
import { type LogPaths, logPaths } from "./log-paths.js";

/**
 * Makes the files that the shim writes a container's output to. Made by us, they are private, and the two streams stay
 * apart; the shim only appends to them. (With a `file://` URI it would merge the streams and choose its own mode.)
 */
export async function createLogFiles(context: RuntimeContext, name: string): Promise<LogPaths> {
  const paths = logPaths(context.logDirFmt, name);
  // The name is ours alone, so what lies here is from a container that is gone.
  await removeLogFiles(context, name);
  await context.host.files.makePrivateDirectory(paths.directory);
  await context.host.files.createPrivateFile(paths.stdout);
  await context.host.files.createPrivateFile(paths.stderr);
  return paths;
}

export async function emptyLogFiles(context: RuntimeContext, name: string): Promise<void> {
  const { directory } = logPaths(context.logDirFmt, name);
  const { files } = context.host;
  const names = await files.list(directory);
  for (const stream of ["stdout", "stderr"] as const) {
    for (const start of fullStarts(stream, names)) {
      const full = fullNames(stream, start);
      await files.remove(join(directory, full.data));
      await files.remove(join(directory, full.times));
    }
    // Whoever writes to them sees it, and begins anew.
    const current = currentNames(stream);
    await files.truncate(join(directory, current.data));
    await files.truncate(join(directory, current.times));
  }
}

/** Removes a container's log folder, and the container's own folder above it where the format has one. */
export async function removeLogFiles(context: RuntimeContext, name: string): Promise<void> {
  const { directory } = logPaths(context.logDirFmt, name);
  await context.host.files.remove(directory);
  const parent = dirname(directory);
  // Above the part that holds the name, folders are shared between containers.
  if (dirname(context.logDirFmt).includes("%s")) {
    try {
      await context.host.files.removeEmptyDirectory(parent);
    } catch (error) {
      if (!hasCode(error, "EBUSY")) throw error;
    }
  }
}
