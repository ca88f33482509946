import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerConfig, VolumeMount } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { stateDirectory } from "../run/name-files.js";
import { copyUp } from "./copy-up.js";
import { giveTo, type VolumeOwner } from "./give-to.js";

type Options = { signal?: AbortSignal };

/**
 * The host folders of a container's volumes, by destination, filled with what the image has there. Volumes without a
 * name stand in the container's own folder, and go with it. With a user namespace, new volumes belong to its ids.
 *
 * @param imageRoot opens the image's files; called only if a volume has to be filled
 */
export async function prepareVolumes(
  context: RuntimeContext,
  id: string,
  { mounts = [], namespaces = {} }: Pick<ContainerConfig, "mounts" | "namespaces">,
  imageRoot: () => Promise<string>,
  options: Options,
): Promise<ReadonlyMap<string, string>> {
  const volumes = mounts.filter((mount) => mount.type === "volume");
  const { user: owner = "host" } = namespaces;
  const folders = new Map<string, string>();
  for (const volume of volumes) {
    const fill = async (directory: string): Promise<void> => {
      if (volume.noCopy === true) return;
      await copyUp(context.host.command, await imageRoot(), volume.destination, directory, options);
    };
    folders.set(volume.destination, await folderOf(context, { id, volume, owner, fill }, options));
  }
  return folders;
}

interface Wanted {
  readonly id: string;
  readonly volume: VolumeMount;
  readonly owner: VolumeOwner;
  readonly fill: (directory: string) => Promise<void>;
}

async function folderOf(
  context: RuntimeContext,
  { id, volume, owner, fill }: Wanted,
  options: Options,
): Promise<string> {
  const { name, readOnly = false } = volume;
  if (name !== undefined) return context.volumes.use(name, fill, { ...options, owner, readOnly });
  // The destination is another's string: its hash is what becomes a path.
  const hash = createHash("sha256").update(volume.destination).digest("hex").slice(0, 16);
  const directory = join(stateDirectory(context, id), "volumes", hash);
  await context.host.files.makePrivateDirectory(join(stateDirectory(context, id), "volumes"));
  await mkdir(directory, { mode: 0o755 });
  await fill(directory);
  if (owner !== "host") await giveTo(directory, owner, options);
  return directory;
}
