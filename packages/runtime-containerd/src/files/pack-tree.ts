import type { Stats } from "node:fs";
import { type FileHandle, lstat, readdir, readlink, statfs } from "node:fs/promises";
import { archiveEnd, padding } from "../archive/tar-header.js";
import { hasCode } from "../host/file-store.js";
import { openFolder, openRegular, pathOf, type Place } from "../rootfs/place.js";
import type { Rootfs, RootfsMount } from "../rootfs/rootfs.js";
import type { IdMap } from "./id-map.js";
import { readCapability } from "./file-capability.js";
import { changed, tooDeep } from "./copy-error.js";
import { type TarHeader, tarHeader } from "./tar-writer.js";

const CHUNK = 256 * 1024;
/** Each level has a folder open. No path that a program can name is deeper. */
const MAX_DEPTH = 2048;

/** What the kernel makes up, by the numbers that `statfs(2)` gives: proc, sysfs, cgroup, cgroup2, mqueue, devpts, debugfs, tracefs, securityfs, bpf. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x19800202, 0x1cd1, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11,
]);

export interface PackOptions {
  readonly ids: IdMap;
  readonly signal?: AbortSignal;
}

/** Whether what is there is the kernel's, made up anew each time that it is read. */
export async function isMadeUp(path: string | Buffer): Promise<boolean> {
  return KERNEL_FILE_SYSTEMS.has((await statfs(path)).type);
}

/**
 * What stands at a place, and all that is below, as a tar archive in which it is called `name`; of a folder without a
 * name there is only what is below. Folders are walked from
 * open handles and files are looked at before they are opened: whatever is renamed or replaced meanwhile, only what was
 * there at some moment is read.
 */
export async function* packTree(
  rootfs: Rootfs,
  place: Place,
  name: Buffer,
  options: PackOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* new Packer(rootfs, options).pack(Buffer.from(place.hostPath), name, place.path);
  yield archiveEnd();
}

/** The folder that something is in. */
interface Parent {
  readonly device: number | undefined;
  readonly depth: number;
}

class Packer {
  readonly #rootfs: Rootfs;
  readonly #options: PackOptions;
  /** Names of files that have several, by device and inode. */
  readonly #seen = new Map<string, Buffer>();

  constructor(rootfs: Rootfs, options: PackOptions) {
    this.#rootfs = rootfs;
    this.#options = options;
  }

  /** @param at the host's path, whose last part is not followed. */
  async *pack(
    at: Buffer,
    name: Buffer,
    path: string,
    parent: Parent = { device: undefined, depth: 0 },
  ): AsyncGenerator<Uint8Array, void, undefined> {
    this.#options.signal?.throwIfAborted();
    if (parent.depth > MAX_DEPTH) throw tooDeep(name.toString("utf8"), MAX_DEPTH);
    const stats = await lstat(at);
    if (stats.isDirectory()) yield* this.#folder(at, name, path, parent);
    else if (stats.isFile()) yield* this.#file(at, name);
    else if (stats.isSymbolicLink())
      yield this.#header("symlink", name, stats, { link: await readlink(at, { encoding: "buffer" }) });
    else if (stats.isFIFO()) yield this.#header("fifo", name, stats);
    else if (stats.isCharacterDevice()) yield this.#header("character", name, stats);
    else if (stats.isBlockDevice()) yield this.#header("block", name, stats);
    // A socket is nothing without who listens on it.
  }

  async *#folder(at: Buffer, name: Buffer, path: string, parent: Parent): AsyncGenerator<Uint8Array, void, undefined> {
    const folder = await openFolder(at);
    try {
      const stats = await folder.stat();
      const inside = name.length === 0 ? name : Buffer.concat([name, Buffer.from("/")]);
      if (inside.length > 0) yield this.#header("directory", inside, stats);
      const here = `${pathOf(folder)}/.`;
      if (stats.dev !== parent.device && (await isMadeUp(here))) return;
      const mounts = this.#rootfs.mountsIn(path);
      for (const child of await this.#children(folder, mounts)) {
        const text = child.toString("utf8");
        const mount = mounts.get(text);
        const childAt =
          mount === undefined ? Buffer.concat([Buffer.from(`${pathOf(folder)}/`), child]) : Buffer.from(mount.source);
        const childName = Buffer.concat([inside, child]);
        try {
          const childPath = path === "/" ? `/${text}` : `${path}/${text}`;
          yield* this.pack(childAt, childName, childPath, { device: stats.dev, depth: parent.depth + 1 });
        } catch (error) {
          // It is gone, or has become something else, since the folder was read.
          if (!hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "EINVAL")) throw error;
        }
      }
    } finally {
      await folder.close();
    }
  }

  async #children(folder: FileHandle, mounts: ReadonlyMap<string, RootfsMount>): Promise<readonly Buffer[]> {
    const names = await readdir(`${pathOf(folder)}/.`, { encoding: "buffer" });
    const known = mounts.size === 0 ? new Set<string>() : new Set(names.map((name) => name.toString("utf8")));
    const more = [...mounts.keys()].filter((name) => !known.has(name)).map((name) => Buffer.from(name));
    return [...names, ...more].sort((a, b) => Buffer.compare(a, b));
  }

  async *#file(at: Buffer, name: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await openRegular(at);
    try {
      const stats = await file.stat();
      const first = stats.nlink > 1 ? await this.#firstName(file, name) : undefined;
      if (first !== undefined) {
        yield this.#header("hardlink", name, stats, { link: first });
        return;
      }
      const capability = readCapability(file, this.#options.ids);
      const more = capability === undefined ? {} : { capability };
      yield this.#header("file", name, stats, { size: stats.size, ...more });
      yield* this.#content(file, stats.size, name);
      yield padding(stats.size);
    } finally {
      await file.close();
    }
  }

  /** Under which a file with several names is in the archive already; the first time it is remembered. */
  async #firstName(file: FileHandle, name: Buffer): Promise<Buffer | undefined> {
    const { dev, ino } = await file.stat({ bigint: true });
    const key = `${String(dev)}:${String(ino)}`;
    const first = this.#seen.get(key);
    if (first === undefined) this.#seen.set(key, name);
    return first;
  }

  /** As many bytes as the header has promised: what is appended meanwhile is of a later moment. */
  async *#content(file: FileHandle, size: number, name: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
    for (let left = size; left > 0;) {
      this.#options.signal?.throwIfAborted();
      const data = Buffer.allocUnsafe(Math.min(CHUNK, left));
      const length = await readSome(file, data, name);
      left -= length;
      yield data.subarray(0, length);
    }
  }

  #header(
    type: TarHeader["type"],
    name: Buffer,
    stats: Stats,
    more: { readonly size?: number; readonly link?: Buffer; readonly capability?: Buffer } = {},
  ): Uint8Array {
    const { ids } = this.#options;
    return tarHeader({
      type,
      name,
      stats,
      uid: ids.inside("uid", stats.uid),
      gid: ids.inside("gid", stats.gid),
      ...more,
    });
  }
}

async function readSome(file: FileHandle, data: Buffer, name: Buffer): Promise<number> {
  let length = 0;
  try {
    length = (await file.read(data)).bytesRead;
  } catch (error) {
    // The header is out already: this is no file that can be left out.
    throw changed(name.toString("utf8"), error);
  }
  if (length === 0) throw changed(name.toString("utf8"));
  return length;
}
