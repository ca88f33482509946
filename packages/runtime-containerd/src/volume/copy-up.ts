import { chmod, chown, lstat } from "node:fs/promises";
import { RuntimeError } from "@voiyd/runtime-api";
import type { CommandRunner } from "../host/command.js";
import { pathInRoot } from "../snapshot/path-in-root.js";

type Options = { signal?: AbortSignal };

/**
 * Copies what an image has at `path` into an empty folder: the content, and owner and permissions of the folder itself.
 * The image is hostile: its path is walked as a process inside it would, links are copied and not followed, and the
 * copy goes into a folder that nobody else writes to. An image that has nothing there leaves the folder empty.
 *
 * @param root the image's files, which do not change meanwhile
 */
export async function copyUp(
  command: CommandRunner,
  root: string,
  path: string,
  target: string,
  options: Options,
): Promise<void> {
  const source = await pathInRoot(root, path);
  if (source === undefined) return;
  const stats = await lstat(source);
  if (!stats.isDirectory()) {
    throw new RuntimeError(
      "FAILED_PRECONDITION",
      `mounts: the image has a file at ${JSON.stringify(path)}, which a volume cannot take the place of`,
      {
        hint: "mount the volume at a folder, or at a path that the image does not have",
        details: { option: "mounts" },
      },
    );
  }
  // Of cp(1): archive means that links stay links, and that owners, modes, times and attributes are kept.
  await command("cp", ["--archive", "--one-file-system", "--", `${source}/.`, target], options);
  await chown(target, stats.uid, stats.gid);
  await chmod(target, stats.mode & 0o7777);
}
