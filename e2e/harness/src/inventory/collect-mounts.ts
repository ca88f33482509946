import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PrivateHost } from "../host/private-host.js";
import { isWithin, listMounts, type MountEntry } from "../mounts/mount-info.js";
import { orIfAbsent } from "../process/error-code.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";

type Folders = Pick<PrivateHost, "directory" | "root" | "netnsDir">;

/** Where a runtime without settings of ours would pin namespaces, and where `ip netns` does. */
const DEFAULT_FOLDER = "/run/voiyd";
const IP_NETNS_FOLDER = "/run/netns";

/** The mounts that belong to a host: in its folder, or made of something in it, wherever they are. */
export function mountsOf(host: Folders, mounts: readonly MountEntry[], scope: InventoryScope): string[] {
  return mounts
    .filter((mount) => mount.type !== "nsfs" && mount.mountPoint !== host.root)
    .filter(
      (mount) =>
        scope === "machine" ||
        isWithin(mount.mountPoint, host.directory) ||
        mount.superOptions.includes(`${host.directory}/`),
    )
    .map((mount) => `${mount.type} ${mount.mountPoint}`);
}

/** Pinned network namespaces, and files in the folder for them that are none. */
export async function collectMounts(
  host: Folders,
  scope: InventoryScope,
): Promise<Pick<LeakInventory, "mounts" | "networkNamespaces">> {
  const folders = [host.netnsDir, join(DEFAULT_FOLDER, "netns"), ...(scope === "machine" ? [IP_NETNS_FOLDER] : [])];
  const [mounts, ...files] = await Promise.all([
    listMounts(),
    ...folders.map(async (folder) => (await orIfAbsent(readdir(folder), [])).map((name) => join(folder, name))),
  ]);
  const pinned = mounts.filter((mount) => mount.type === "nsfs").map((mount) => mount.mountPoint);
  const own = pinned.filter(
    (path) => scope === "machine" || isWithin(path, host.directory) || isWithin(path, DEFAULT_FOLDER),
  );
  const plain = files.flat().filter((path) => !pinned.includes(path));
  return {
    mounts: mountsOf(host, mounts, scope),
    networkNamespaces: [...new Set(own), ...plain.map((path) => `${path} (a file without a namespace)`)],
  };
}
