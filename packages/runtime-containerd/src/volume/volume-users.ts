import type { ContainerRecord } from "../container/container-store.js";

/** The names of a container's volumes. One whose record is damaged has none that anybody could tell. */
export function volumesOf(record: ContainerRecord): readonly string[] {
  try {
    const { mounts = [] } = record.stored().config;
    return mounts.flatMap((mount) => (mount.type === "volume" && mount.name !== undefined ? [mount.name] : []));
  } catch {
    return [];
  }
}
