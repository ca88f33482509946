import type { ContainerConfig, IdMapping } from "@voiyd/runtime-api";

/** What files belong to in a container's user namespace, and on the host. */
export interface IdMap {
  inside(kind: "uid" | "gid", id: number): number;
  outside(kind: "uid" | "gid", id: number): number;
}

/** The id that stands for all that have none on the other side (`/proc/sys/kernel/overflowuid`). */
const NOBODY = 65_534;

/** As the files of the host itself have them. */
export const SAME_IDS: IdMap = { inside: (_kind, id) => id, outside: (_kind, id) => id };

export function idMapOf(config: ContainerConfig): IdMap {
  const { user = "host" } = config.namespaces ?? {};
  if (user === "host") return SAME_IDS;
  const tables = { uid: user.uids, gid: user.gids };
  return {
    inside: (kind, id) => mapped(tables[kind], "hostId", "containerId", id) ?? NOBODY,
    // Whoever has no id on the host becomes root of the container, which nobody else is.
    outside: (kind, id) =>
      mapped(tables[kind], "containerId", "hostId", id) ?? mapped(tables[kind], "containerId", "hostId", 0) ?? NOBODY,
  };
}

type Side = "containerId" | "hostId";

function mapped(table: readonly IdMapping[], from: Side, to: Side, id: number): number | undefined {
  const range = table.find((entry) => id >= entry[from] && id < entry[from] + entry.size);
  return range === undefined ? undefined : range[to] + id - range[from];
}
