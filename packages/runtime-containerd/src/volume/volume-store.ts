import { lstat, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { invalid, isVolumeName } from "@voiyd/runtime-api";
import type { FileStore } from "../host/file-store.js";
import { hasCode } from "../host/file-store.js";
import type { HostLock } from "../host/host-lock.js";

type Options = { signal?: AbortSignal };

/** Puts what a volume starts with into an empty folder. */
export type FillVolume = (directory: string) => Promise<void>;

export interface VolumeStoreOptions {
  /** Where the volumes with names are kept. */
  readonly directory: string;
  readonly files: FileStore;
  readonly lock: HostLock;
}

const DATA = "data";

/**
 * The folders of volumes with names. A volume comes to be with its content, in one step: a process that dies half-way
 * leaves no volume, and two containers that start at the same time fill it once.
 */
export class VolumeStore {
  readonly #options: VolumeStoreOptions;

  constructor(options: VolumeStoreOptions) {
    this.#options = options;
  }

  /** The folder of a volume, made and filled if it is not there; an empty one is filled too, as Docker does. */
  async use(name: string, fill: FillVolume, options: Options): Promise<string> {
    const directory = this.#directoryOf(name);
    return this.#options.lock(
      directory,
      async () => {
        const data = join(directory, DATA);
        const state = await stateOf(data);
        if (state === "empty") await fill(data);
        if (state === "absent") await this.#make(directory, data, fill);
        return data;
      },
      options,
    );
  }

  async list(): Promise<readonly string[]> {
    try {
      const names = (await readdir(this.#options.directory)).filter(isVolumeName).sort();
      const states = await Promise.all(names.map((name) => stateOf(join(this.#directoryOf(name), DATA))));
      return names.filter((_, index) => states[index] !== "absent");
    } catch (error) {
      if (hasCode(error, "ENOENT")) return [];
      throw error;
    }
  }

  /** Removes a volume with all in it; absent is success. That no container has it any more is for the caller to know. */
  async remove(name: string, options: Options = {}): Promise<void> {
    const directory = this.#directoryOf(name);
    await this.#options.lock(directory, () => this.#options.files.remove(directory), options);
  }

  async #make(directory: string, data: string, fill: FillVolume): Promise<void> {
    const staging = join(directory, "filling");
    await this.#options.files.makePrivateDirectory(directory);
    await this.#options.files.remove(staging);
    await mkdir(staging, { mode: 0o755 });
    await fill(staging);
    await rename(staging, data);
  }

  /** A name is a single component without a leading dot, so it cannot lead out of the folder. */
  #directoryOf(name: string): string {
    if (!isVolumeName(name))
      throw invalid("volume", name, `2 to 128 letters, digits, ".", "_" or "-", a letter or digit first`);
    return join(this.#options.directory, name);
  }
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
