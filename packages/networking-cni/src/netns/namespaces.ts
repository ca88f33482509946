/** What a path is, seen as a network namespace. */
export interface NamespaceState {
  /** Whether a namespace is mounted there. */
  readonly mounted: boolean;
  /** Whether there is anything at all. */
  readonly exists: boolean;
  /** Device and inode; empty when nothing is mounted. */
  readonly identity: string;
}

/** Keeps the containers' network namespaces. The seam for tests. */
export interface Namespaces {
  /** Where the namespace of a container is. Touches nothing. */
  path(containerId: string): string;
  inspect(path: string): Promise<NamespaceState>;
  /** Makes the namespace with its loopback up, or takes the one that is there; resolves with its identity. */
  ensure(containerId: string, signal: AbortSignal): Promise<string>;
  /** Removes the namespace; none is success. */
  remove(containerId: string, signal: AbortSignal): Promise<void>;
  /** The containers that have a namespace, or something of one. */
  list(): Promise<readonly string[]>;
  /** The process that made the namespace, as `HostFacts.self` names it; empty where that is not known. */
  maker(containerId: string): Promise<string>;
}
