import { lstat, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { LinuxDevice } from "../spec/oci.js";
import { hasCode } from "./file-store.js";

/** What a container has a mount of its own for, and links that only mean something on the host. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "pts",
  "shm",
  "fd",
  "mqueue",
  "console",
  ".lxc",
  ".lxd-mounts",
  ".udev",
]);

/** The device nodes below `/dev`, for a privileged container. */
export async function listHostDevices(directory = "/dev"): Promise<readonly LinuxDevice[]> {
  const names = (await readdir(directory)).filter((name) => directory !== "/dev" || !LEFT_OUT.has(name));
  const found = await Promise.all(names.map((name) => inspect(join(directory, name))));
  return found.flat();
}

export interface FoundDevices {
  readonly nodes: readonly LinuxDevice[];
  /** Where a folder with devices really is; absent for a single device. */
  readonly folder?: string;
}

/** A device node, or all of a folder's; symlinks are followed, as `udev` makes them. Empty when there is none. */
export async function inspectDevices(path: string): Promise<FoundDevices> {
  try {
    const real = await realpath(path);
    return (await lstat(real)).isDirectory()
      ? { nodes: await listHostDevices(real), folder: real }
      : { nodes: await inspect(real) };
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return { nodes: [] };
    throw error;
  }
}

async function inspect(path: string): Promise<readonly LinuxDevice[]> {
  try {
    const stats = await lstat(path);
    if (stats.isDirectory()) return await listHostDevices(path);
    if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return [];
    const device = {
      path,
      type: stats.isBlockDevice() ? ("b" as const) : ("c" as const),
      ...deviceNumbers(stats.rdev),
      fileMode: stats.mode & 0o777,
      uid: stats.uid,
      gid: stats.gid,
    };
    return [device];
  } catch (error) {
    // Devices come and go while they are listed.
    if (hasCode(error, "ENOENT", "ENXIO")) return [];
    throw error;
  }
}

/** `makedev(3)`, the encoding of glibc and the kernel's `new_encode_dev`. */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  const value = BigInt(rdev);
  return {
    major: Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n)),
    minor: Number((value & 0xffn) | ((value >> 12n) & 0xffffff00n)),
  };
}
