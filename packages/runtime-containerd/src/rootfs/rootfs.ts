import { type FileHandle, open, readlink } from "node:fs/promises";
import { constants } from "node:fs";
import { RuntimeError } from "@voiyd/runtime-api";
import { hasCode } from "../host/file-store.js";
import { openToWalk, pathOf, Place } from "./place.js";

/** As many symlinks as the kernel follows in one path (`path_resolution(7)`). */
const MAX_SYMLINKS = 40;
/** As containerd: no account file is larger, and what is larger is an attack. */
const MAX_TEXT_BYTES = 10 * 1024 * 1024;

/** A folder walked through, under the name it has for the container. */
interface Step {
  readonly name: string;
  readonly folder: FileHandle;
  readonly readOnly: boolean;
}

/** What stands at a path of a container and is not the root's own. */
export interface RootfsMount {
  /** The host's folder or file. */
  readonly source: string;
  readonly readOnly: boolean;
}

export interface RootfsOptions {
  /** Folders and files of the host that stand at these paths of the container, where the root itself does not show them. */
  readonly mounts?: ReadonlyMap<string, RootfsMount>;
  /** Whether the root is to be taken for read-only. Default false. */
  readonly readOnly?: boolean;
}

/**
 * The files of a container, running or not, for a host that does not trust them. Paths are walked part by part, every
 * part from an open handle of the one before it and none of them followed by the kernel: symlinks are read and walked as
 * a process inside would see them, so that nothing leads out, however the container changes its files meanwhile.
 */
export class Rootfs implements AsyncDisposable {
  readonly #root: FileHandle;
  readonly #mounts: ReadonlyMap<string, RootfsMount>;
  readonly #readOnly: boolean;

  private constructor(root: FileHandle, { mounts = new Map(), readOnly = false }: RootfsOptions) {
    this.#root = root;
    this.#mounts = mounts;
    this.#readOnly = readOnly;
  }

  /** `path` is followed, once: it is the host's, as `/proc/<pid>/root`. */
  static async open(path: string, options: RootfsOptions = {}): Promise<Rootfs> {
    const root = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    return new Rootfs(root, options);
  }

  /**
   * The place that a path of the container names; its last part need not be there. With `follow` a symlink at its end is
   * walked too. Throws `NOT_FOUND` for a part before the last that is not there, `FAILED_PRECONDITION` for one that is no
   * folder.
   */
  async place(path: string, { follow }: { readonly follow: boolean }): Promise<Place> {
    const pending = split(path);
    const steps: Step[] = [];
    let links = 0;
    try {
      for (;;) {
        const part = pending.shift();
        if (part === undefined) return await this.#folderPlace(steps);
        if (part === "..") {
          await steps.pop()?.folder.close();
          continue;
        }
        const last = pending.length === 0;
        const target = last && !follow ? undefined : await this.#linkTarget(steps, part);
        if (target !== undefined) {
          if (++links > MAX_SYMLINKS) throw notThere(path, "too many symlinks");
          if (target.startsWith("/")) await closeAll(steps);
          pending.unshift(...split(target));
          continue;
        }
        if (last) return await this.#namedPlace(steps, part);
        const readOnly = this.#mountAt(steps, part)?.readOnly ?? this.#isReadOnly(steps);
        steps.push({ name: part, folder: await this.#enter(steps, part, path), readOnly });
      }
    } finally {
      await closeAll(steps);
    }
  }

  /** The text of a regular file, symlinks followed; undefined when there is none. Throws `FAILED_PRECONDITION`. */
  async readText(path: string): Promise<string | undefined> {
    let file: FileHandle | undefined;
    try {
      await using place = await this.place(path, { follow: true });
      file = await place.openToRead();
      const stats = await file.stat();
      if (stats.size > MAX_TEXT_BYTES) throw noText(path);
      return await file.readFile("utf8");
    } catch (error) {
      if (hasCode(error, "EINVAL")) throw noText(path);
      if (hasCode(error, "ENOENT", "ENOTDIR", "NOT_FOUND")) return undefined;
      throw error;
    } finally {
      await file?.close();
    }
  }

  /** The mounts that stand directly in a folder, by their names there. */
  mountsIn(path: string): ReadonlyMap<string, RootfsMount> {
    const folder = path === "/" ? "/" : `${path}/`;
    const inside = [...this.#mounts].flatMap(([at, mount]) => {
      const name = at.startsWith(folder) ? at.slice(folder.length) : "";
      return name === "" || name.includes("/") ? [] : [[name, mount] as const];
    });
    return new Map(inside);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#root.close();
  }

  #isReadOnly(steps: readonly Step[]): boolean {
    return steps.at(-1)?.readOnly ?? this.#readOnly;
  }

  #here(steps: readonly Step[]): FileHandle {
    return steps.at(-1)?.folder ?? this.#root;
  }

  #mountAt(steps: readonly Step[], part: string): RootfsMount | undefined {
    return this.#mounts.size === 0 ? undefined : this.#mounts.get(pathFrom(steps, part));
  }

  async #linkTarget(steps: readonly Step[], part: string): Promise<string | undefined> {
    if (this.#mountAt(steps, part) !== undefined) return undefined;
    try {
      return await readlink(`${pathOf(this.#here(steps))}/${part}`);
    } catch (error) {
      // No symlink, or nothing: what it is will be seen by whoever opens it.
      if (hasCode(error, "EINVAL", "ENOENT", "ENOTDIR")) return undefined;
      throw error;
    }
  }

  async #enter(steps: readonly Step[], part: string, path: string): Promise<FileHandle> {
    const mounted = this.#mountAt(steps, part);
    let folder: FileHandle;
    try {
      folder =
        mounted === undefined
          ? await openToWalk(`${pathOf(this.#here(steps))}/${part}`)
          : await open(mounted.source, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (error) {
      if (hasCode(error, "ENOENT")) throw notThere(path, `there is no ${pathFrom(steps, part)}`);
      if (hasCode(error, "ENOTDIR")) throw noFolder(path, pathFrom(steps, part));
      throw error;
    }
    if ((await folder.stat()).isDirectory()) return folder;
    await folder.close();
    throw noFolder(path, pathFrom(steps, part));
  }

  async #folderPlace(steps: Step[]): Promise<Place> {
    const last = steps.pop();
    const path = pathFrom(steps, last?.name);
    // The root stays open for others, so the place gets a handle of its own.
    const folder = last?.folder ?? (await openToWalk(`${pathOf(this.#root)}/.`));
    return new Place(path, folder, undefined, last?.readOnly ?? this.#readOnly);
  }

  async #namedPlace(steps: Step[], part: string): Promise<Place> {
    const path = pathFrom(steps, part);
    const mounted = this.#mounts.get(path);
    if (mounted !== undefined) return mountedPlace(path, mounted);
    const readOnly = this.#isReadOnly(steps);
    const last = steps.pop();
    return new Place(path, last?.folder ?? (await openToWalk(`${pathOf(this.#root)}/.`)), part, readOnly);
  }
}

/** The host's own file or folder, which the container was given: followed, and then held. */
async function mountedPlace(path: string, { source, readOnly }: RootfsMount): Promise<Place> {
  const cut = source.replace(/\/+$/, "").lastIndexOf("/");
  const folder = await open(source.slice(0, cut) || "/", constants.O_RDONLY | constants.O_DIRECTORY);
  const name = source.slice(cut + 1).replace(/\/+$/, "");
  return new Place(path, folder, name === "" ? undefined : name, readOnly);
}

function pathFrom(steps: readonly Step[], part: string | undefined): string {
  return `/${[...steps.map(({ name }) => name), ...(part === undefined ? [] : [part])].join("/")}`;
}

async function closeAll(steps: Step[]): Promise<void> {
  await Promise.all(steps.splice(0).map(({ folder }) => folder.close()));
}

function split(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function noText(path: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} of the container is no regular file of at most 10 MiB`);
}

function notThere(path: string, reason: string): RuntimeError {
  return new RuntimeError("NOT_FOUND", `${path} is not in the container: ${reason}`, { details: { path } });
}

function noFolder(path: string, part: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} is not in the container: ${part} is no folder`, {
    details: { path },
  });
}
