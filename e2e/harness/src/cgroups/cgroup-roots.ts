import { listMounts, type MountEntry } from "../mounts/mount-info.js";

export interface CgroupRoot {
  /** Where the hierarchy is mounted. */
  readonly path: string;
  /** As `/proc/<pid>/cgroup` names it: `memory`, `cpu,cpuacct`, `name=systemd`; empty for version 2. */
  readonly controllers: string;
  readonly version: 1 | 2;
}

/** The cgroup hierarchies among mounts: many of version 1, or one of version 2, or both. */
export function cgroupRoots(mounts: readonly MountEntry[]): CgroupRoot[] {
  const general = new Set(["rw", "ro", "xattr", "noprefix", "clone_children"]);
  return mounts.flatMap((mount): CgroupRoot[] => {
    if (mount.type === "cgroup2") return [{ path: mount.mountPoint, controllers: "", version: 2 }];
    if (mount.type !== "cgroup") return [];
    const controllers = mount.superOptions
      .split(",")
      .filter((option) => !general.has(option) && !option.startsWith("release_agent="));
    return [{ path: mount.mountPoint, controllers: controllers.join(","), version: 1 }];
  });
}

export async function listCgroupRoots(): Promise<CgroupRoot[]> {
  return cgroupRoots(await listMounts());
}
