import type { Mount } from "@voiyd/containerd-client";
import { runCommand } from "../host/command.js";
import type { FileStore } from "../host/file-store.js";
import { readImageFile, readRegularFile } from "./image-file.js";
import { mountRootfs, type MountedRootfs, overlayLayers } from "./mounted-rootfs.js";
import { OverlayOpacity } from "./overlay-opacity.js";
import { overlayPath } from "./overlay-path.js";

export interface SnapshotFilesOptions {
  readonly files: FileStore;
  /** What containerd gives for the snapshot. */
  readonly mounts: readonly Mount[];
  /** An existing folder that may be mounted over, in a namespace of its own. */
  readonly directory: string;
  /** Reads a file of the image from its layers, for snapshots whose folders cannot be seen. */
  readonly fromLayers: (path: string) => Promise<string | undefined>;
  /** Tells which folders of layers hide others. Default: one that is asked anew each time. */
  readonly opacity?: OverlayOpacity;
  readonly signal?: AbortSignal;
}

/** The files of a snapshot that nobody runs yet. Opened as far as they are asked for, and closed by disposal. */
export class SnapshotFiles implements AsyncDisposable {
  readonly #options: SnapshotFilesOptions;
  #mounted: Promise<MountedRootfs> | undefined;

  constructor(options: SnapshotFilesOptions) {
    this.#options = options;
  }

  /**
   * The text of a regular file; undefined when there is none. Looks in the layers' folders; where they cannot be seen, or do
   * not tell, in the layers as they were pulled. Nothing is mounted for it.
   */
  async read(path: string): Promise<string | undefined> {
    const { files, mounts, fromLayers } = this.#options;
    const [mount] = mounts;
    if (mounts.length !== 1 || mount === undefined || !READABLE.has(mount.type)) return fromLayers(path);
    if (mount.type === "overlay" && this.#mounted === undefined) {
      const layers = overlayLayers(mount.options);
      const found = await overlayPath(layers, path, (folders) => this.#isHidden(folders, layers));
      if (found.kind === "absent") return undefined;
      return found.kind === "found" ? readRegularFile(files, found.path, path) : fromLayers(path);
    }
    return readImageFile(files, await this.root(), path);
  }

  #isHidden(folders: readonly string[], [uppermost = ""]: readonly string[]): Promise<boolean | undefined> {
    const { opacity = new OverlayOpacity(runCommand), signal } = this.#options;
    const isFinished = (folder: string): boolean => !folder.startsWith(`${uppermost}/`);
    return opacity.any(folders, isFinished, signal === undefined ? {} : { signal });
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
