import type { Stats } from "node:fs";
import { constants, type FileHandle, lstat, open } from "node:fs/promises";
import { hasCode } from "../host/file-store.js";

/** `O_PATH` of `open(2)`, which Node.js has no name for: a handle to walk with, that reads and runs nothing. */
const O_PATH = 0o10000000;
const WALK = O_PATH | constants.O_NOFOLLOW;

/** Opens what a path names, to walk on from it. A symlink at its end is opened itself. */
export function openToWalk(path: string): Promise<FileHandle> {
  return open(path, WALK);
}

/** What a handle is open to, as a path that nobody can turn into another one meanwhile (`proc_pid_fd(5)`). */
export function pathOf(handle: FileHandle): string {
  return `/proc/self/fd/${String(handle.fd)}`;
}

/**
 * A place in a container's files: an open folder and a name in it. The folder stays the one that was walked to, whatever
 * the container renames, and a name of one part cannot lead anywhere else: what is done by `hostPath` without following
 * its last part is done there or not at all.
 */
export class Place implements AsyncDisposable {
  /** As the container sees it, symlinks resolved, without a slash at its end but for the root. */
  readonly path: string;
  readonly hostPath: string;
  readonly #folder: FileHandle;

  /** The handle becomes the place's own. Without a name the folder itself is the place. */
  constructor(path: string, folder: FileHandle, name: string | undefined) {
    this.path = path;
    this.#folder = folder;
    this.hostPath = name === undefined ? `${pathOf(folder)}/.` : `${pathOf(folder)}/${name}`;
  }

  /** What is there, a symlink itself; undefined when nothing is. */
  async stats(): Promise<Stats | undefined> {
    try {
      return await lstat(this.hostPath);
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
  }

  /** For reading, if it is a regular file or a folder: nothing that could hang or follow. */
  async openToRead(): Promise<FileHandle> {
    return open(this.hostPath, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder.close();
  }
}
