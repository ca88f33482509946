/** Something that appears at a path in the container. */
export type Mount = BindMount | TmpfsMount | VolumeMount;

/** A file or folder of the host. */
export interface BindMount {
  readonly type: "bind";
  /** An absolute path on the host, which must exist. */
  readonly source: string;
  /** An absolute path in the container. */
  readonly destination: string;
  readonly readOnly?: boolean;
  /**
   * What `readOnly` means for the mounts below the source. `recursive`: they are read-only too, and a host that cannot
   * do that refuses the container. `possible` (default): they are where the host can. `top`: they stay as they are.
   */
  readonly readOnlyDepth?: "recursive" | "possible" | "top";
  /** The mounts below the source do not come along. Default false. */
  readonly nonRecursive?: boolean;
  /** `mount_namespaces(7)`. Default `rprivate`. */
  readonly propagation?: "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave";
}

/** A folder in memory, empty at the start and gone with the container. */
export interface TmpfsMount {
  readonly type: "tmpfs";
  readonly destination: string;
  readonly readOnly?: boolean;
  /** In bytes. Default: half of the host's memory (tmpfs(5)). */
  readonly size?: number;
  /** Permission bits of the folder. Default 0o1777. */
  readonly mode?: number;
  /** Programs in it may be run. Default false. */
  readonly exec?: boolean;
  /** Set-user-id bits in it count. Default false. */
  readonly suid?: boolean;
  /** Device nodes in it can be used. Default false. */
  readonly dev?: boolean;
  /** Of the folder. Default 0. */
  readonly uid?: number;
  /** Of the folder. Default 0. */
  readonly gid?: number;
}

/**
 * A folder that the runtime keeps. With a name it outlives the container and can be shared; without one it belongs to
 * the container and goes with it. What the image has at the destination is copied into an empty volume first.
 */
export interface VolumeMount {
  readonly type: "volume";
  /** 2 to 128 letters, digits, `.`, `_` or `-`, a letter or digit first. Made at its first use. */
  readonly name?: string;
  readonly destination: string;
  readonly readOnly?: boolean;
  /** An empty volume stays empty. Default false. */
  readonly noCopy?: boolean;
}

/** A container whose mounts another one shares. */
export interface VolumesFrom {
  /** A name, an id or an unambiguous beginning of an id. It need not run. */
  readonly container: string;
  /** Here they cannot be written to. Default: as they are there. */
  readonly readOnly?: boolean;
}
