import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** The capability to take all files of a container out of it at once. */
export interface Export {
  /**
   * A tar archive of the whole file system of a container, running or not: its image's files and its own. The names in it
   * begin below the root, as `etc/passwd`. What is mounted is no part of it, as volumes; the folders for that are there, and
   * empty. Sockets are left out. A container that goes on writing may have files in it that do not belong together.
   *
   * Errors come from the iteration: `NOT_FOUND`, `FAILED_PRECONDITION` for a file that became shorter while it was read.
   */
  exportFiles(container: ContainerRef, options?: OperationOptions): AsyncIterable<Uint8Array>;
}

/** Whether the runtime has {@link Export}. */
export function canExport(runtime: Runtime): runtime is Runtime & Export {
  return "exportFiles" in runtime && typeof runtime.exportFiles === "function";
}
