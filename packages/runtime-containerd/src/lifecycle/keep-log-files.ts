import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { removeLogFiles } from "../io/log-files.js";
import { logPaths } from "../io/log-paths.js";

/** The files that the shim is to write to: a further life's output is added to what is there. */
export async function keepLogFiles(context: RuntimeContext, name: string): Promise<void> {
  const { directory, stdout, stderr } = logPaths(context.logDirFmt, name);
  await context.host.files.makePrivateDirectory(directory);
  for (const file of [stdout, stderr]) {
    try {
      await context.host.files.createPrivateFile(file);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
    }
  }
}

/**
 * Moves a container's logs to where its new name has them. A shim that writes to them goes on doing so. Once more, after
 * it was interrupted or done, is harmless: what has been moved already stays.
 */
export async function moveLogFiles(context: RuntimeContext, from: string, to: string): Promise<void> {
  const old = logPaths(context.logDirFmt, from).directory;
  const wanted = logPaths(context.logDirFmt, to).directory;
  const { files } = context.host;
  if (await files.exists(old)) {
    // The name is ours alone, so what lies there is from a container that is gone.
    await removeLogFiles(context, to);
    await files.makePrivateDirectory(dirname(wanted));
    try {
      await rename(old, wanted);
    } catch (error) {
      // Somebody has deleted them: there is nothing to be moved.
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
  await removeLogFiles(context, from);
}
