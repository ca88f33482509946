import { constants, type Stats } from "node:fs";
import { chmod, type FileHandle, lchown, link, lstat, lutimes, mkdir, open, symlink, unlink } from "node:fs/promises";
import { RuntimeError } from "@voiyd/runtime-api";
import { hasCode } from "../host/file-store.js";
import { openFolder, pathOf, type Place } from "../rootfs/place.js";
import type { Rootfs, RootfsMount } from "../rootfs/rootfs.js";
import { type TarEntry, tarEntries } from "../snapshot/tar-entries.js";
import { badArchive, fileError } from "./copy-error.js";
import { CAPABILITY_RECORD, isCapability, writeCapability } from "./file-capability.js";
import { makeFifo } from "./make-fifo.js";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Of folders that the archive needs and does not describe. */
const IMPLIED_MODE = 0o755;
/** Set-user-ID and set-group-ID. */
const SET_ID = 0o6000;

export interface Rename {
  readonly from: string;
  readonly to: string;
}

export interface UnpackOptions {
  /** The owner of what comes from an entry; undefined: whoever unpacks. */
  readonly owner: (entry: Pick<TarEntry, "uid" | "gid">) => { readonly uid: number; readonly gid: number } | undefined;
  /** For a root whose links are followed by others than who it belongs to: such as lead out of it are refused. */
  readonly contained?: boolean;
  /** The first part of every name becomes another one; `from` is `.` where names have no such first part. */
  readonly rename?: Rename;
  /** Whether programs may be made that run with their owner's rights. */
  readonly setId?: boolean;
  /** Whether programs may be made that may more than who runs them. Default false. */
  readonly capabilities?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Unpacks an archive below a folder of a root. Every entry is made by its name in a folder that is held open, and by calls
 * that follow nothing; its owner and mode are set through the handle of what was made. So nothing outside of the root can
 * be touched, whatever the archive says and whoever changes the folders meanwhile.
 */
export async function unpackTree(
  rootfs: Rootfs,
  base: string,
  archive: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
): Promise<void> {
  await using unpacker = new Unpacker(rootfs, base, options);
  for await (const entry of tarEntries(archive, { damaged })) {
    options.signal?.throwIfAborted();
    await unpacker.take(entry);
  }
  options.signal?.throwIfAborted();
  await unpacker.finish();
}

function damaged(problem: string): never {
  throw badArchive(problem);
}

interface Target {
  readonly path: string;
  /** The host's path; its last part is followed by nobody. */
  readonly at: string;
  readonly mount: RootfsMount | undefined;
}

class Unpacker implements AsyncDisposable {
  readonly #rootfs: Rootfs;
  readonly #base: string;
  readonly #options: UnpackOptions;
  /** Entries of one folder follow each other: it is walked to once. */
  #parent: { readonly path: string; readonly folder: FileHandle } | undefined;
  #stale = false;
  /** Folders whose times come when all is in them, each below the one before it. */
  readonly #open: { readonly path: string; readonly modified: Date }[] = [];

  constructor(rootfs: Rootfs, base: string, options: UnpackOptions) {
    this.#rootfs = rootfs;
    this.#base = base === "/" ? "" : base;
    this.#options = options;
  }

  async take(entry: TarEntry): Promise<void> {
    const parts = this.#partsOf(entry.path);
    const path = parts.join("/");
    const name = parts.at(-1);
    // The folder itself is there, and stays as it is.
    if (name === undefined) return;
    await this.#leaveFolders(path);
    const target = await this.#target(parts.slice(0, -1), name);
    try {
      await this.#make({ ...entry, path }, target);
    } catch (error) {
      throw fileError(error, target.path);
    }
  }

  /** The times of the folders that are still open. */
  async finish(): Promise<void> {
    await this.#leaveFolders(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#forgetParent();
  }

  async #make(entry: TarEntry, { at, path, mount }: Target): Promise<void> {
    const there = await lstatIfThere(at);
    if (mount !== undefined) {
      if (entry.kind !== "directory") throw mismatch(path, "something is mounted there");
      assertWritable({ path, readOnly: mount.readOnly });
    }
    if (entry.kind === "directory") {
      await this.#folder(entry, at, path, there);
      return;
    }
    if (there?.isDirectory() === true) throw mismatch(path, "a folder is there, and the archive has none");
    if (there !== undefined) {
      await unlink(at);
      // It may have been on the way to the folder of later entries.
      if (there.isSymbolicLink()) this.#stale = true;
    }
    switch (entry.kind) {
      case "file":
        await this.#file(entry, at);
        break;
      case "symlink":
        this.#checkLink(entry);
        await symlink(entry.link, at);
        await this.#describeLink(entry, at);
        break;
      case "hardlink":
        await this.#hardLink(entry, at);
        break;
      case "fifo":
        await this.#fifo(entry, at);
        break;
      case "device":
        throw badArchive(`holds the device ${entry.path}: devices are given to a container when it is made`);
      case "other":
        throw badArchive(`holds ${entry.path}, which is of a kind that cannot be unpacked`);
    }
  }

  async #folder(entry: TarEntry, at: string, path: string, there: Stats | undefined): Promise<void> {
    if (there !== undefined && !there.isDirectory())
      throw mismatch(path, "something is there that is no folder, and the archive has a folder");
    if (there === undefined) await mkdir(at, { mode: 0o700 });
    const folder = await open(at, FOLDER);
    try {
      await this.#describe(entry, folder);
    } finally {
      await folder.close();
    }
    this.#open.push({ path: entry.path, modified: timeOf(entry) });
  }

  async #file(entry: TarEntry, at: string): Promise<void> {
    const file = await open(at, CREATE, 0o600);
    try {
      let size = 0;
      for await (const chunk of entry.stream()) {
        this.#options.signal?.throwIfAborted();
        await file.writeFile(chunk);
        size += chunk.length;
      }
      if (size !== entry.size) throw badArchive(`ends in the middle of ${entry.path}`);
      await this.#describe(entry, file);
      this.#allow(entry, file);
      await file.utimes(timeOf(entry), timeOf(entry));
    } finally {
      await file.close();
    }
  }

  async #hardLink(entry: TarEntry, at: string): Promise<void> {
    const path = `${this.#base}/${this.#partsOf(entry.link).join("/")}`;
    await using target = await this.#rootfs.place(path, { follow: false });
    await link(target.hostPath, at);
  }

  async #fifo(entry: TarEntry, at: string): Promise<void> {
    const folder = this.#parent?.folder;
    if (folder === undefined) throw new TypeError("a FIFO is made in a folder");
    await makeFifo(folder, at.slice(at.lastIndexOf("/") + 1));
    await this.#describeLink(entry, at);
    const made = await open(at, constants.O_NOFOLLOW | 0o10000000);
    try {
      if ((await made.stat()).isFIFO()) await chmod(pathOf(made), this.#mode(entry));
    } finally {
      await made.close();
    }
  }

  /** The owner first: a change of owner takes bits of the mode away. */
  async #describe(entry: TarEntry, handle: FileHandle): Promise<void> {
    const owner = this.#options.owner(entry);
    if (owner !== undefined) await handle.chown(owner.uid, owner.gid);
    await handle.chmod(this.#mode(entry));
  }

  #allow({ path, attributes }: TarEntry, file: FileHandle): void {
    const text = attributes.get(CAPABILITY_RECORD);
    if (text === undefined || this.#options.capabilities !== true) return;
    const value = Buffer.from(text, "latin1");
    if (!isCapability(value)) throw badArchive(`has capabilities that are none: ${path}`);
    writeCapability(file, value, path);
  }

  async #describeLink(entry: TarEntry, at: string): Promise<void> {
    const owner = this.#options.owner(entry);
    if (owner !== undefined) await lchown(at, owner.uid, owner.gid);
    await lutimes(at, timeOf(entry), timeOf(entry));
  }

  #mode({ mode, kind }: TarEntry): number {
    return this.#options.setId === false && kind === "file" ? mode & ~SET_ID : mode;
  }

  #checkLink({ path, link: target }: TarEntry): void {
    if (this.#options.contained !== true || target.startsWith("/")) return;
    let depth = path.split("/").length - 1;
    for (const part of target.split("/")) {
      if (part === "..") depth -= 1;
      else if (part !== "" && part !== ".") depth += 1;
      if (depth < 0) throw badArchive(`has a symlink that leads out of it: ${path}`);
    }
  }

  #partsOf(name: string): readonly string[] {
    const parts = partsOf(name);
    const { from, to } = this.#options.rename ?? { from: "", to: "" };
    if (from === ".") return [to, ...parts];
    return parts[0] === from ? [to, ...parts.slice(1)] : parts;
  }

  async #target(parents: readonly string[], name: string): Promise<Target> {
    const path = [this.#base, ...parents].join("/");
    if (this.#parent?.path !== path || this.#stale) {
      this.#stale = false;
      await this.#forgetParent();
      this.#parent = { path, folder: await this.#enter(parents) };
    }
    const { folder } = this.#parent;
    const own = `${path}/${name}`;
    const mount = this.#rootfs.mountsIn(path === "" ? "/" : path).get(name);
    return { path: own, at: mount?.source ?? `${pathOf(folder)}/${name}`, mount };
  }

  /** Opens the folder that an entry goes into; folders that are missing on the way are made. */
  async #enter(parents: readonly string[]): Promise<FileHandle> {
    const path = [this.#base, ...parents].join("/") || "/";
    try {
      return await this.#openFolder(path);
    } catch (error) {
      if (parents.length === 0 || !hasCode(error, "NOT_FOUND")) throw error;
    }
    const above = await this.#enter(parents.slice(0, -1));
    try {
      const at = `${pathOf(above)}/${parents.at(-1) ?? ""}`;
      await mkdir(at, { mode: IMPLIED_MODE });
      const owner = this.#options.owner({ uid: 0, gid: 0 });
      if (owner !== undefined) await lchown(at, owner.uid, owner.gid);
    } catch (error) {
      throw fileError(error, path);
    } finally {
      await above.close();
    }
    return this.#openFolder(path);
  }

  async #openFolder(path: string): Promise<FileHandle> {
    await using place = await this.#rootfs.place(path, { follow: true });
    assertWritable(place);
    try {
      return await openFolder(place.hostPath);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw fileError(error, path);
      throw new RuntimeError("NOT_FOUND", `${path} is not in the container`, { cause: error, details: { path } });
    }
  }

  /** Sets the times of the folders that the next entry is not in; without one, of all. */
  async #leaveFolders(next: string | undefined): Promise<void> {
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      if (next !== undefined && next.startsWith(`${last.path}/`)) return;
      this.#open.pop();
      await this.#setTimes(last);
    }
  }

  async #setTimes({ path, modified }: { readonly path: string; readonly modified: Date }): Promise<void> {
    try {
      await using place = await this.#rootfs.place(`${this.#base}/${path}`, { follow: false });
      const folder = await open(place.hostPath, FOLDER);
      try {
        await folder.utimes(modified, modified);
      } finally {
        await folder.close();
      }
    } catch (error) {
      // Somebody has moved it, and its time with it.
      if (!hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "NOT_FOUND", "FAILED_PRECONDITION")) throw error;
    }
  }

  async #forgetParent(): Promise<void> {
    const folder = this.#parent?.folder;
    this.#parent = undefined;
    await folder?.close();
  }
}

/** Throws `FAILED_PRECONDITION`, as the kernel would inside. */
export function assertWritable({ path, readOnly }: Pick<Place, "path" | "readOnly">): void {
  if (!readOnly) return;
  throw new RuntimeError("FAILED_PRECONDITION", `${path} of the container is mounted read-only`, { details: { path } });
}

/** The parts of a name in an archive. Throws `INVALID_ARGUMENT` for one that leads out, or that is no text. */
function partsOf(name: string): readonly string[] {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw badArchive(`has a name that leads out of it: ${name}`);
  if (/[\0\ufffd]/.test(name)) throw badArchive(`has a name that is not in UTF-8: ${name}`);
  return parts;
}

function timeOf({ modified }: TarEntry): Date {
  return Number.isNaN(modified.getTime()) ? new Date(0) : modified;
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function mismatch(path: string, problem: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} cannot be replaced: ${problem}`, { details: { path } });
}
