import type { ContainerRef } from "../container.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** What stands at a path of a container. */
export interface PathStat {
  /** The last part of the path; `/` for the root. */
  readonly name: string;
  /** `other`: a device, a FIFO or a socket. A symlink is told of itself, unless the path ends with a slash. */
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** In bytes. */
  readonly size: number;
  /** Permissions, with set-user-ID, set-group-ID and sticky bits: twelve bits. */
  readonly mode: number;
  readonly modified: Date;
  /** Of a symlink: the path in the container that it leads to in the end, whether something is there or not. */
  readonly target?: string;
}

export interface CopyToOptions extends OperationOptions {
  /** Owners are those that the archive names. Default: everything belongs to the container's root. */
  readonly keepOwners?: boolean;
}

/**
 * The capability to bring files into a container and out of it, whether it runs or not. Nothing of the container is run or
 * trusted for it: a symlink leads where it leads for the container's own processes, and never out of its files, whatever
 * they change meanwhile.
 */
export interface Copy {
  /** Throws `NOT_FOUND` when nothing is there, `FAILED_PRECONDITION` for a path with a slash at its end and no folder there. */
  statPath(container: ContainerRef, path: string, options?: OperationOptions): Promise<PathStat>;

  /**
   * A tar archive of what stands at `path`, with all that is below. The names in it begin with the path's last part; with
   * `.` where the path ends with `/.`, and for the root. A symlink at the path's end is an entry itself, unless the path goes
   * on with a slash. Left out are sockets, and what the kernel only makes up, as below `/proc`.
   *
   * Errors come from the iteration: `NOT_FOUND`, `FAILED_PRECONDITION`.
   */
  copyFrom(container: ContainerRef, path: string, options?: OperationOptions): AsyncIterable<Uint8Array>;

  /**
   * Unpacks a tar archive into the folder at `path`. Names are taken as relative to it; a symlink on the way is followed as
   * a process of the container would. Files are replaced; a folder by something else, or something else by a folder, is not.
   * What was unpacked before an error or an abort stays.
   *
   * Throws `NOT_FOUND` when there is no such folder; `FAILED_PRECONDITION` where it is no folder, is mounted read-only, or
   * holds a folder where the archive has none; `INVALID_ARGUMENT` for an archive that is damaged, has names with `..`, or
   * devices; `DISK_FULL`.
   */
  copyTo(
    container: ContainerRef,
    path: string,
    archive: AsyncIterable<Uint8Array>,
    options?: CopyToOptions,
  ): Promise<void>;
}

/** Whether the runtime has {@link Copy}. */
export function canCopy(runtime: Runtime): runtime is Runtime & Copy {
  return "copyTo" in runtime && typeof runtime.copyTo === "function";
}
