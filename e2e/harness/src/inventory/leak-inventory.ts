/** Everything that a container can leave on a machine, by kind; each list is sorted, in words a person can act on. */
export interface LeakInventory {
  /** `<namespace>/<id>`, as the next ones. */
  readonly containers: readonly string[];
  readonly tasks: readonly string[];
  /** Active snapshots and views: `<snapshotter>/<namespace>/<key>`. */
  readonly snapshots: readonly string[];
  /** Committed snapshots, which belong to images. Compared only when asked. */
  readonly layers: readonly string[];
  readonly leases: readonly string[];
  readonly ingests: readonly string[];
  readonly images: readonly string[];
  /** Committed content. Compared only when asked, because a pull keeps it. */
  readonly blobs: readonly string[];
  /** Shim processes of this daemon. */
  readonly shims: readonly string[];
  /** Processes below the shims, with their containers. */
  readonly processes: readonly string[];
  /**
   * Processes of the runtime's own that outlive their callers, for this host: those of the log, and supervisors. They end by
   * themselves when there has been nothing to do for a while, so they are compared only when asked.
   */
  readonly helpers: readonly string[];
  /** Folders of tasks in the daemon's state, and in its root. */
  readonly bundles: readonly string[];
  readonly workDirs: readonly string[];
  /** runc's own records of containers with a bundle of this daemon. */
  readonly runcStates: readonly string[];
  /** Sockets of this daemon's shims on which nobody listens. */
  readonly shimSockets: readonly string[];
  readonly mounts: readonly string[];
  readonly networkNamespaces: readonly string[];
  readonly veths: readonly string[];
  /** What is plugged into bridges, with the bridge. */
  readonly bridgePorts: readonly string[];
  /** Interfaces that the bandwidth plugin makes. */
  readonly ifbs: readonly string[];
  /** Addresses in use with their users, of the host-local plugin. */
  readonly ipamLeases: readonly string[];
  /** Chains made for one container: family, table, chain. */
  readonly cniChains: readonly string[];
  /** Rules made for one container: family, table, rule; and elements of nft tables of our own. */
  readonly cniRules: readonly string[];
  /** Attachment records. */
  readonly cniRecords: readonly string[];
  readonly fifos: readonly string[];
  /** What there is in the containers' folders. */
  readonly logFolders: readonly string[];
  /** Files in the folder for whatever else the runtime keeps. */
  readonly stateFiles: readonly string[];
  /** With the hierarchies in which they are. */
  readonly cgroups: readonly string[];
  /** The tuning plugin's backups. They cannot be told apart, so only for the whole machine. */
  readonly tuningBackups: readonly string[];
}

export type LeakKind = keyof LeakInventory;

/**
 * What is looked at. `host`: what belongs to the private host, and what cannot be told to belong to another one, so that
 * several can be tested at the same time. `machine`: all there is, whoever made it.
 */
export type InventoryScope = "host" | "machine";
