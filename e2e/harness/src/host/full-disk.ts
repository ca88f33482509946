import { open, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { listMounts } from "../mounts/mount-info.js";
import { errorCode } from "../process/error-code.js";
import type { PrivateHost } from "./private-host.js";

/** A disk that has been filled up. Disposing of it gives the space back. */
export interface FullDisk extends AsyncDisposable {
  /** The file that takes the space. */
  readonly path: string;
}

export interface FullDiskOptions {
  /** Bytes to leave free, in whole pages of 4096. Default 0. */
  readonly leaveBytes?: number;
}

const PAGE = 4096;
const CHUNK = 1024 * 1024;

/**
 * Fills up the disk that a host's daemon keeps its data on. Only for a host with a tmpfs (`tmpfsSizeMiB`): throws where
 * the daemon's root is on a disk that others use too.
 */
export async function fullDisk(host: Pick<PrivateHost, "root">, options: FullDiskOptions = {}): Promise<FullDisk> {
  const mount = (await listMounts()).findLast((candidate) => candidate.mountPoint === host.root);
  if (mount?.type !== "tmpfs") throw new Error(`${host.root} is no tmpfs of its own; start the host with tmpfsSizeMiB`);
  const path = join(host.root, "filler");
  const free = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(host.root);
    return bavail * bsize - (options.leaveBytes ?? 0);
  };
  const file = await open(path, "wx", 0o600);
  try {
    for (let room = await free(); room >= PAGE; room = await free()) {
      await file.write(Buffer.alloc(Math.min(CHUNK, room - (room % PAGE)), 0xff));
    }
  } catch (error) {
    if (errorCode(error) !== "ENOSPC") throw error; // somebody else wrote meanwhile: full all the same
  } finally {
    await file.close();
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}
