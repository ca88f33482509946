import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Mount, VolumeMount } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { stateDirectory } from "../run/name-files.js";
import { copyUp } from "./copy-up.js";

type Options = { signal?: AbortSignal };

/**
 * The host folders of a container's volumes, by destination, filled with what the image has there. Volumes without a
 * name stand in the container's own folder, and go with it.
 *
 * @param imageRoot opens the image's files; called only if a volume has to be filled
 */
export async function prepareVolumes(
  context: RuntimeContext,
  id: string,
  mounts: readonly Mount[],
  imageRoot: () => Promise<string>,
  options: Options,
): Promise<ReadonlyMap<string, string>> {
  const volumes = mounts.filter((mount) => mount.type === "volume");
  const folders = new Map<string, string>();
  for (const volume of volumes) {
    const fill = async (directory: string): Promise<void> => {
      if (volume.noCopy === true) return;
      await copyUp(context.host.command, await imageRoot(), volume.destination, directory, options);
    };
    folders.set(volume.destination, await folderOf(context, id, volume, fill, options));
  }
  return folders;
}

async function folderOf(
  context: RuntimeContext,
  id: string,
  volume: VolumeMount,
  fill: (directory: string) => Promise<void>,
  options: Options,
): Promise<string> {
  if (volume.name !== undefined) return context.volumes.use(volume.name, fill, options);
  // The destination is another's string: its hash is what becomes a path.
  const hash = createHash("sha256").update(volume.destination).digest("hex").slice(0, 16);
  const directory = join(stateDirectory(context, id), "volumes", hash);
  await context.host.files.makePrivateDirectory(join(stateDirectory(context, id), "volumes"));
  await mkdir(directory, { mode: 0o755 });
  await fill(directory);
  return directory;
}
