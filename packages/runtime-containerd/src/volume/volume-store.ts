import { chmod, chown, lstat, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { invalid, isVolumeName, RuntimeError } from "@voiyd/runtime-api";
import type { FileStore } from "../host/file-store.js";
import { hasCode } from "../host/file-store.js";
import type { HostLock } from "../host/host-lock.js";
import { describeOwner, giveTo, type Ownership, type VolumeOwner } from "./give-to.js";

type Options = { signal?: AbortSignal };

/** Puts what a volume starts with into an empty folder. */
export type FillVolume = (directory: string) => Promise<void>;

export interface VolumeStoreOptions {
  /** Where the volumes with names are kept. */
  readonly directory: string;
  readonly files: FileStore;
  readonly lock: HostLock;
  /** Default: the file system's. */
  readonly ownership?: Ownership;
}

export interface UseVolumeOptions extends Options {
  /** Whose ids its files get, and have to have where the container writes to it. Default: the host's. */
  readonly owner?: VolumeOwner;
  readonly readOnly?: boolean;
}

const DATA = "data";
/** Beside the data: the ids that it was given to. Absent: the host's. */
const OWNER = "owner";

/**
 * The folders of volumes with names. A volume comes to be with its content, in one step: a process that dies half-way
 * leaves no volume, and two containers that start at the same time fill it once.
 */
export class VolumeStore {
  readonly #options: VolumeStoreOptions;

  constructor(options: VolumeStoreOptions) {
    this.#options = options;
  }

  /**
   * The folder of a volume, made and filled if it is not there; an empty one is filled too, as Docker does. Throws
   * `FAILED_PRECONDITION` where a container with ids of its own would write to files of other ids.
   */
  async use(name: string, fill: FillVolume, options: UseVolumeOptions): Promise<string> {
    const { owner = "host", readOnly = false, ...call } = options;
    const directory = this.directoryOf(name);
    return this.#options.lock(
      directory,
      async () => {
        const data = join(directory, DATA);
        const state = await stateOf(data);
        if (state === "filled") {
          if (!readOnly) await this.#assertOwner(name, directory, owner);
          return data;
        }
        const staging = await this.#stage(directory, fill, owner, call);
        await this.#writeOwner(directory, owner);
        if (state === "absent") await rename(staging, data);
        else await moveInto(staging, data, owner);
        await this.#options.files.remove(staging);
        return data;
      },
      call,
    );
  }

  async list(): Promise<readonly string[]> {
    try {
      const names = (await readdir(this.#options.directory)).filter(isVolumeName).sort();
      const states = await Promise.all(names.map((name) => stateOf(join(this.directoryOf(name), DATA))));
      return names.filter((_, index) => states[index] !== "absent");
    } catch (error) {
      if (hasCode(error, "ENOENT")) return [];
      throw error;
    }
  }

  /**
   * Removes a volume with all in it; absent is success. Asks `isUsed` while nobody can begin to use it: whoever is about
   * to has said so in his container's record before. Resolves with whether it was removed.
   */
  async remove(name: string, isUsed: () => Promise<boolean>, options: Options = {}): Promise<boolean> {
    const directory = this.directoryOf(name);
    return this.#options.lock(
      directory,
      async () => {
        if (await isUsed()) return false;
        await this.#options.files.remove(directory);
        return true;
      },
      options,
    );
  }

  /** Where a volume is. A name is a single component without a leading dot, so it cannot lead out of the folder. */
  directoryOf(name: string): string {
    if (!isVolumeName(name))
      throw invalid("volume", name, `2 to 128 letters, digits, ".", "_" or "-", a letter or digit first`);
    return join(this.#options.directory, name);
  }

  /** Content and owners in a folder that no container can write to yet. */
  async #stage(directory: string, fill: FillVolume, owner: VolumeOwner, options: Options): Promise<string> {
    const { files, ownership } = this.#options;
    const staging = join(directory, "filling");
    await files.makePrivateDirectory(directory);
    await files.remove(staging);
    await mkdir(staging, { mode: 0o755 });
    await fill(staging);
    if (owner !== "host")
      await giveTo(staging, owner, { ...options, ...(ownership === undefined ? {} : { ownership }) });
    return staging;
  }

  async #writeOwner(directory: string, owner: VolumeOwner): Promise<void> {
    const path = join(directory, OWNER);
    if (owner === "host") await this.#options.files.remove(path);
    else await this.#options.files.writeInPlace(path, describeOwner(owner), 0o600);
  }

  /** Root of the host can write whatever belongs to whom; a container's own root cannot. */
  async #assertOwner(name: string, directory: string, owner: VolumeOwner): Promise<void> {
    if (owner === "host") return;
    const path = join(directory, OWNER);
    const theirs = (await this.#options.files.exists(path)) ? await this.#options.files.read(path) : "host";
    if (theirs === describeOwner(owner)) return;
    throw new RuntimeError(
      "FAILED_PRECONDITION",
      `volume ${name} has files of ${theirs === "host" ? "the host's ids" : `other ids (${theirs})`}, to which this container's user namespace cannot write`,
      {
        hint: "take another volume, mount it readOnly, or use the namespaces.user that it was made with",
        details: { option: "namespaces.user" },
      },
    );
  }
}

/**
 * Fills an empty folder that a container may have mounted: its content comes by name, and is not written to in there.
 * What the image had in the place says whose the folder is; where it had nothing, it stays whose it was.
 */
async function moveInto(staging: string, data: string, owner: VolumeOwner): Promise<void> {
  const names = await readdir(staging);
  for (const name of names) await rename(join(staging, name), join(data, name));
  if (names.length === 0 && owner === "host") return;
  const { uid, gid, mode } = await lstat(staging);
  await chown(data, uid, gid);
  await chmod(data, mode & 0o7777);
}

async function stateOf(data: string): Promise<"absent" | "empty" | "filled"> {
  try {
    if (!(await lstat(data)).isDirectory()) return "filled";
    return (await readdir(data)).length === 0 ? "empty" : "filled";
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "absent";
    throw error;
  }
}
