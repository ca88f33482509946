/** Something that appears at a path in the container. */
export type Mount = BindMount | TmpfsMount;

/** A file or folder of the host. */
export interface BindMount {
  readonly type: "bind";
  /** An absolute path on the host, which must exist. */
  readonly source: string;
  /** An absolute path in the container. */
  readonly destination: string;
  readonly readOnly?: boolean;
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
}
