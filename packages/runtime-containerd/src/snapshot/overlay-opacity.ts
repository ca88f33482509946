import type { CommandRunner } from "../host/command.js";
import { tarEntries } from "./tar-entries.js";

type Options = { signal?: AbortSignal };

/** The attribute by which a folder of an upper layer hides what lower layers have in its place (`overlayfs.rst`). */
const ATTRIBUTE = "trusted.overlay.opaque";
/** Far more than one image has layers and folders that lead to its account files. */
const MOST_KNOWN = 4096;

/**
 * Tells which folders of overlay layers are opaque. Node.js cannot read extended attributes; GNU tar writes them into the
 * header of an archive, and is on every Debian, Fedora and their kin. What a finished layer has never changes, so it is
 * asked for once in a process.
 */
export class OverlayOpacity {
  readonly #command: CommandRunner;
  readonly #known = new Map<string, boolean>();

  constructor(command: CommandRunner) {
    this.#command = command;
  }

  /**
   * Whether one of the folders is opaque; undefined on a host whose tar cannot tell.
   *
   * @param finished whether these folders cannot change any more: a container's own layer can
   */
  async any(
    folders: readonly string[],
    finished: (folder: string) => boolean,
    options: Options,
  ): Promise<boolean | undefined> {
    const unknown = folders.filter((folder) => this.#known.get(folder) === undefined);
    if (folders.length > unknown.length && folders.some((folder) => this.#known.get(folder) === true)) return true;
    if (unknown.length === 0) return false;
    const opaque = await this.#ask(unknown, options);
    if (opaque === undefined) return undefined;
    for (const folder of unknown.filter(finished)) this.#remember(folder, opaque.has(folder));
    return opaque.size > 0;
  }

  async #ask(folders: readonly string[], options: Options): Promise<ReadonlySet<string> | undefined> {
    const flags = ["--create", "--format=pax", "--xattrs", `--xattrs-include=${ATTRIBUTE}`];
    let archive: string;
    try {
      const read = await this.#command(
        "tar",
        [...flags, "--no-recursion", "--absolute-names", "--file=-", "--", ...folders],
        options,
      );
      archive = read.stdout;
    } catch {
      // Another tar, none at all, or an abort, which the caller's next step notices: there are other ways to find out.
      return undefined;
    }
    const opaque = new Set<string>();
    let seen = 0;
    for await (const { path, attributes } of tarEntries([Buffer.from(archive)])) {
      seen++;
      if (attributes.get(`SCHILY.xattr.${ATTRIBUTE}`) === "y") opaque.add(`/${path}`);
    }
    return seen === folders.length ? opaque : undefined;
  }

  #remember(folder: string, isOpaque: boolean): void {
    this.#known.set(folder, isOpaque);
    const oldest = this.#known.keys().next();
    if (this.#known.size > MOST_KNOWN && oldest.done !== true) this.#known.delete(oldest.value);
  }
}
