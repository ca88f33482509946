/**
 * What a container shares. `private`: a namespace of its own; `host`: the host's; `container:<name or id>`: that of
 * a container that runs. The network's is chosen with `ContainerConfig.network`.
 */
export interface Namespaces {
  /** Default `private`. */
  readonly pid?: "private" | "host" | `container:${string}`;
  /**
   * Default `private`. Another container can be joined if it was made with `shareable`, or shares the host's;
   * `none` is private without `/dev/shm`.
   */
  readonly ipc?: "private" | "shareable" | "none" | "host" | `container:${string}`;
  /** Default `private`. */
  readonly uts?: "private" | "host";
  /** Default: `private` with control groups v2, `host` with v1. */
  readonly cgroup?: "private" | "host";
  /** Default `host`. */
  readonly user?: "host" | UserNamespace;
}

/** A user namespace: the container's ids are other, powerless ids on the host. */
export interface UserNamespace {
  readonly uids: readonly IdMapping[];
  readonly gids: readonly IdMapping[];
}

export interface IdMapping {
  readonly containerId: number;
  readonly hostId: number;
  /** How many ids, from these two on. */
  readonly size: number;
}
