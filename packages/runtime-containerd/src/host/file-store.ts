import {
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  statfs,
  unlink,
} from "node:fs/promises";
import { join } from "node:path";
import { putAside } from "./put-aside.js";

export interface FileTimes {
  readonly born: number;
  readonly modified: number;
}

/** The files that the runtime makes and reads. */
export interface FileStore {
  /** Makes a folder, and those above it, for root's eyes only (0700). */
  makePrivateDirectory(path: string): Promise<void>;
  /** Makes an empty file that did not exist, 0600, following no symlink at its end. */
  createPrivateFile(path: string): Promise<void>;
  /** Writes a whole file in place: its inode stays, because it may be bind-mounted into a container. */
  writeInPlace(path: string, content: string, mode: number): Promise<void>;
  /** Adds to the end of a file, which is made, 0600, where there is none. What several add at once stays apart. */
  append(path: string, content: string): Promise<void>;
  /** Gives a file another name, in the place of what had it. Absent is success. */
  rename(path: string, target: string): Promise<void>;
  /** Opens a regular file for reading; refuses a symlink, a FIFO and everything else that could hang or mislead. */
  openRegular(path: string): Promise<FileHandle>;
  /** Empties a regular file. Absent is success. */
  truncate(path: string): Promise<void>;
  /** Removes a file or a folder with all in it. Absent is success. */
  remove(path: string): Promise<void>;
  /** Removes an empty folder. Absent is success. */
  removeEmptyDirectory(path: string): Promise<void>;
  /**
   * Removes a folder with the files, links and empty folders in it, and goes no deeper: below may be what is not ours to
   * remove. Absent is success; throws `ENOTEMPTY` or `EBUSY` where something is deeper.
   */
  removeFlatDirectory(path: string): Promise<void>;
  /** In bytes; 0 when there is no such file. */
  size(path: string): Promise<number>;
  /** When it was made and last changed, in milliseconds since 1970; undefined when there is no such file. */
  times(path: string): Promise<FileTimes | undefined>;
  /**
   * Moves the last `mostBytes` of a file's content to another file, 0600, and empties it; the inode stays with whoever
   * appends to it.
   */
  putAside(path: string, aside: string, mostBytes: number): Promise<void>;
  /** Bytes that are free on the disk of `path`, for whoever is not root. */
  freeBytes(path: string): Promise<number>;
  /** The path with its symlinks resolved. */
  realPath(path: string): Promise<string>;
  exists(path: string): Promise<boolean>;
  /** The names in a folder; none where there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  read(path: string): Promise<string>;
}

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const APPEND =
  constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const OVERWRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

export function createFileStore(): FileStore {
  return {
    async makePrivateDirectory(path) {
      await mkdir(path, { recursive: true, mode: 0o700 });
    },
    async createPrivateFile(path) {
      const file = await open(path, CREATE, 0o600);
      await file.close();
    },
    async writeInPlace(path, content, mode) {
      const file = await open(path, OVERWRITE, mode);
      try {
        await file.writeFile(content);
        // Whatever the process's umask took away.
        await file.chmod(mode);
      } finally {
        await file.close();
      }
    },
    async append(path, content) {
      const file = await open(path, APPEND, 0o600);
      try {
        // In one call, so that the kernel keeps it together.
        await file.write(content);
      } finally {
        await file.close();
      }
    },
    async rename(path, target) {
      try {
        await rename(path, target);
      } catch (error) {
        if (!hasCode(error, "ENOENT")) throw error;
      }
    },
    openRegular,
    truncate: truncateFile,
    async remove(path) {
      await rm(path, { recursive: true, force: true });
    },
    async removeEmptyDirectory(path) {
      try {
        await rmdir(path);
      } catch (error) {
        if (!hasCode(error, "ENOENT", "ENOTEMPTY")) throw error;
      }
    },
    async removeFlatDirectory(path) {
      try {
        for (const entry of await readdir(path, { withFileTypes: true })) {
          await (entry.isDirectory() ? rmdir : unlink)(join(path, entry.name));
        }
        await rmdir(path);
      } catch (error) {
        // Whoever began to remove it may be at it still.
        if (!hasCode(error, "ENOENT")) throw error;
      }
    },
    async size(path) {
      try {
        return (await stat(path)).size;
      } catch (error) {
        if (hasCode(error, "ENOENT")) return 0;
        throw error;
      }
    },
    async times(path) {
      try {
        const { birthtimeMs, ctimeMs, mtimeMs } = await stat(path);
        // Some file systems do not know it: nothing about the file is older than its last change of any kind, then.
        return { born: birthtimeMs > 0 ? birthtimeMs : ctimeMs, modified: mtimeMs };
      } catch (error) {
        if (hasCode(error, "ENOENT")) return undefined;
        throw error;
      }
    },
    putAside,
    async freeBytes(path) {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    realPath: (path) => realpath(path),
    async exists(path) {
      try {
        await stat(path);
        return true;
      } catch (error) {
        if (hasCode(error, "ENOENT", "ENOTDIR")) return false;
        throw error;
      }
    },
    async list(path) {
      try {
        return await readdir(path);
      } catch (error) {
        if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
        throw error;
      }
    },
    read: (path) => readFile(path, "utf8"),
  };
}

async function truncateFile(path: string): Promise<void> {
  try {
    const file = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if ((await file.stat()).isFile()) await file.truncate(0);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, READ);
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw Object.assign(new Error(`${path} is not a regular file`), { code: "EINVAL" });
}

/** Whether an error of Node's has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === "object" && error !== null && "code" in error && codes.includes(String(error.code));
}
