import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type IdMapping, RuntimeError, type UserNamespace } from "@voiyd/runtime-api";

/** Who a volume's files are for: the ids of the host, or those of a container's own user namespace. */
export type VolumeOwner = "host" | UserNamespace;

/** What changes files; a test has its own. */
export interface Ownership {
  lchown(path: string, uid: number, gid: number): Promise<void>;
}

/**
 * Gives a folder and all in it, which have an image's ids, to the ids that stand for them in a user namespace: what was
 * root's belongs to the container's root. Nobody else may write to the folder meanwhile. Links are given away themselves.
 * Throws `FAILED_PRECONDITION` for a file of an id that the namespace does not have.
 */
export async function giveTo(
  folder: string,
  { uids, gids }: UserNamespace,
  { signal, ownership = { lchown } }: { signal?: AbortSignal; ownership?: Ownership },
): Promise<void> {
  /** Files with several names are given away once. */
  const done = new Set<string>();
  const give = async (path: string): Promise<void> => {
    signal?.throwIfAborted();
    const stats = await lstat(path, { bigint: true });
    if (stats.isDirectory()) for (const name of await readdir(path)) await give(join(path, name));
    else if (stats.nlink > 1n) {
      const inode = `${String(stats.dev)}:${String(stats.ino)}`;
      if (done.has(inode)) return;
      done.add(inode);
    }
    await ownership.lchown(path, mapped(Number(stats.uid), uids, "user"), mapped(Number(stats.gid), gids, "group"));
    // The kernel takes set-id bits away from what changes hands (chown(2)).
    if (!stats.isSymbolicLink() && (stats.mode & 0o6000n) !== 0n) await chmod(path, Number(stats.mode & 0o7777n));
  };
  await give(folder);
}

function mapped(id: number, mappings: readonly IdMapping[], what: "user" | "group"): number {
  const found = translate(id, mappings);
  if (found !== undefined) return found;
  throw new RuntimeError(
    "FAILED_PRECONDITION",
    `mounts: what the image has in a volume belongs to ${what} ${String(id)}, who is not in the container's user namespace`,
    {
      hint: "map more ids with namespaces.user, or leave the volume empty with noCopy",
      details: { option: "namespaces.user" },
    },
  );
}

/** The host's id for a container's. */
function translate(id: number, mappings: readonly IdMapping[]): number | undefined {
  const mapping = mappings.find(({ containerId, size }) => id >= containerId && id < containerId + size);
  return mapping === undefined ? undefined : mapping.hostId + (id - mapping.containerId);
}

/** Two ways to write the same mapping are one text. `host` has none. */
export function describeOwner(owner: VolumeOwner): string {
  if (owner === "host") return "host";
  const list = (mappings: readonly IdMapping[]): string =>
    [...mappings]
      .sort((one, other) => one.containerId - other.containerId)
      .map(({ containerId, hostId, size }) => `${String(containerId)}:${String(hostId)}:${String(size)}`)
      .join(",");
  return `uids ${list(owner.uids)} gids ${list(owner.gids)}`;
}
