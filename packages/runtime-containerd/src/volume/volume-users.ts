import type { ContainerRecord } from "../container/container-store.js";

/** The names of a container's volumes. One whose record is damaged has none that anybody could tell. */
export function volumesOf(record: Pick<ContainerRecord, "stored">): readonly string[] {
  try {
    const { mounts = [] } = record.stored().config;
    return mounts.flatMap((mount) => (mount.type === "volume" && mount.name !== undefined ? [mount.name] : []));
  } catch {
    return [];
  }
}

/** Whether a container uses a volume, or may: of one whose record is damaged nobody can tell, and a volume is somebody's data. */
export function mayUse(record: Pick<ContainerRecord, "stored">, volume: string): boolean {
  try {
    record.stored();
  } catch {
    // The damage itself is told by whoever reads the record for its own sake.
    return true;
  }
  return volumesOf(record).includes(volume);
}
