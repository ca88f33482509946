import type { SpecMount } from "./oci.js";

export interface DefaultMountOptions {
  readonly privileged: boolean;
  readonly cgroupVersion: 1 | 2;
  readonly writableCgroups?: boolean | undefined;
  /** In bytes. Default 64 MiB. */
  readonly shmSize?: number | undefined;
  /** The folder of the host that is `/dev/shm`; `false` for no `/dev/shm`. Default: a file system of the container's own. */
  readonly shm?: string | false | undefined;
  /**
   * The network namespace belongs to another user namespace than the container's own. Whoever mounts a `sysfs` must hold
   * CAP_SYS_ADMIN over the network that it shows, so that the host's is bound, where all files belong to nobody.
   */
  readonly foreignNetwork?: boolean | undefined;
}

const DEFAULT_SHM = "65536k";

/** What every Linux container finds mounted (runtime-spec `config-linux.md`, "Default Filesystems"). */
export function defaultMounts(options: DefaultMountOptions): readonly SpecMount[] {
  const access = options.privileged ? "rw" : "ro";
  return [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    ...sharedMemory(options),
    { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
    options.foreignNetwork === true
      ? {
          destination: "/sys",
          type: "bind",
          source: "/sys",
          options: ["rbind", "nosuid", "noexec", "nodev", "ro", "rprivate"],
        }
      : { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", access] },
    {
      destination: "/sys/fs/cgroup",
      type: "cgroup",
      source: "cgroup",
      options: ["nosuid", "noexec", "nodev", "relatime", options.writableCgroups === true ? "rw" : access],
    },
  ];
}

function sharedMemory({ shm, shmSize }: DefaultMountOptions): readonly SpecMount[] {
  if (shm === false) return [];
  if (shm !== undefined)
    return [{ destination: "/dev/shm", type: "bind", source: shm, options: ["rbind", "rw", "rprivate"] }];
  const size = shmSize === undefined ? DEFAULT_SHM : String(shmSize);
  return [
    {
      destination: "/dev/shm",
      type: "tmpfs",
      source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", `size=${size}`],
    },
  ];
}
