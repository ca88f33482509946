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

/** Opens a folder to walk on from it; a symlink is none. Throws `ENOTDIR`. */
export function openFolder(path: string | Buffer): Promise<FileHandle> {
  return open(path, WALK | constants.O_DIRECTORY);
}

/**
 * Opens a regular file for reading. It is looked at before: whoever can make a device or a FIFO where the file was would
 * otherwise have it opened by root of the host. Throws `EINVAL` for anything else.
 */
export async function openRegular(path: string | Buffer): Promise<FileHandle> {
  const found = await open(path, WALK);
  try {
    if (!(await found.stat()).isFile()) throw Object.assign(new Error("no regular file"), { code: "EINVAL" });
    // The link leads to the very file that was looked at.
    return await open(pathOf(found), constants.O_RDONLY | constants.O_NONBLOCK);
  } finally {
    await found.close();
  }
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
  /** Whether it is on a mount that may not be written to, and is only known to be so by who opened the files. */
  readonly readOnly: boolean;
  readonly #folder: FileHandle;

  /** The handle becomes the place's own. Without a name the folder itself is the place. */
  constructor(path: string, folder: FileHandle, name: string | undefined, readOnly = false) {
    this.path = path;
    this.readOnly = readOnly;
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

  /** For reading. Throws `EINVAL` for what is no regular file: to open a device can be to do something already. */
  async openToRead(): Promise<FileHandle> {
    return openRegular(this.hostPath);
  }

  /** To walk on from it. Throws `ENOTDIR` for what is no folder. */
  async openFolder(): Promise<FileHandle> {
    return openFolder(this.hostPath);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder.close();
  }
}
