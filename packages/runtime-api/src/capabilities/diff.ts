import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** Something in a container's files that is not as in its image. */
export interface FileChange {
  readonly kind: "added" | "changed" | "deleted";
  /** In the container. */
  readonly path: string;
}

/** The capability to tell what a container has changed in the files of its image. */
export interface Diff {
  /**
   * What was added, changed and deleted, by paths. A folder in which something has changed counts as changed. Mounts are not
   * looked into: they are not the image's. Neither is what the runtime mounts by itself a change, as `/etc/hosts` and `/proc`; a
   * folder that a mount of the user's needs is one. Throws `NOT_FOUND`.
   */
  diff(container: ContainerRef, options?: OperationOptions): Promise<FileChange[]>;
}

/** Whether the runtime has {@link Diff}. */
export function canDiff(runtime: Runtime): runtime is Runtime & Diff {
  return "diff" in runtime && typeof runtime.diff === "function";
}
