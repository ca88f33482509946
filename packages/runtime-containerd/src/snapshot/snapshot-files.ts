import type { Mount } from "@voiyd/containerd-client";
import type { FileStore } from "../host/file-store.js";
import { readImageFile, readRegularFile } from "./image-file.js";
import { mountRootfs, type MountedRootfs, overlayLayers } from "./mounted-rootfs.js";
import { overlayPath } from "./overlay-path.js";

export interface SnapshotFilesOptions {
  readonly files: FileStore;
  /** What containerd gives for the snapshot. */
  readonly mounts: readonly Mount[];
  /** An existing folder that may be mounted over, in a namespace of its own. */
  readonly directory: string;
  /** Reads a file of the image from its layers, for snapshots whose folders cannot be seen. */
  readonly fromLayers: (path: string) => Promise<string | undefined>;
  readonly signal?: AbortSignal;
}

/** The files of a snapshot that nobody runs yet. Opened as far as they are asked for, and closed by disposal. */
export class SnapshotFiles implements AsyncDisposable {
  readonly #options: SnapshotFilesOptions;
  #mounted: Promise<MountedRootfs> | undefined;

  constructor(options: SnapshotFilesOptions) {
    this.#options = options;
  }

  /** The text of a regular file; undefined when there is none. Looks in folders first, mounts only when it must. */
  async read(path: string): Promise<string | undefined> {
    const { files, mounts, fromLayers } = this.#options;
    const [mount] = mounts;
    if (mounts.length !== 1 || mount === undefined || !READABLE.has(mount.type)) return fromLayers(path);
    if (mount.type === "overlay" && this.#mounted === undefined) {
      const found = await overlayPath(overlayLayers(mount.options), path);
      if (found.kind === "absent") return undefined;
      if (found.kind === "found") return readRegularFile(files, found.path, path);
    }
    return readImageFile(files, await this.root(), path);
  }

  /** A folder of the host, or of a helper process, under which all of the files are. */
  async root(): Promise<string> {
    const { mounts, directory, signal } = this.#options;
    this.#mounted ??= mountRootfs(mounts, directory, signal === undefined ? {} : { signal });
    return (await this.#mounted).root;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const rootfs = await this.#mounted?.catch(() => undefined);
    await rootfs?.[Symbol.asyncDispose]();
  }
}

const READABLE: ReadonlySet<string> = new Set(["overlay", "bind", "rbind"]);
