import { basename, dirname, resolve } from "node:path/posix";
import { type FileChange, invalid, type PathStat, RuntimeError } from "@voiyd/runtime-api";
import { collect } from "../archive/collect.js";
import { readTar, type TarFile, writeTar } from "../archive/tar.js";
import { abortable } from "./abortable.js";

type Entry = Omit<TarFile, "path">;

/** Files and folders by absolute path. */
export type FileTree = ReadonlyMap<string, Entry>;

/**
 * What was copied into a container, or into those that its image was made of, as files and folders. There is nothing else:
 * programs of the simulation have no files.
 */
export class MemoryFiles {
  readonly #entries = new Map<string, Entry>();
  #image: FileTree = new Map();

  constructor(now: Date) {
    this.#entries.set("/", { kind: "directory", mode: 0o755, modified: now, content: new Uint8Array() });
  }

  /** Begins with what its image has. */
  load(image: FileTree): void {
    this.#image = image;
    for (const [path, entry] of image) this.#entries.set(path, entry);
  }

  /** As they are now, for good. */
  get tree(): FileTree {
    return new Map(this.#entries);
  }

  /** What is not as the image has it, by paths. Nothing is ever deleted here. */
  diff(): FileChange[] {
    const changes = new Map<string, FileChange["kind"]>();
    for (const [path, entry] of this.#entries) {
      const before = this.#image.get(path);
      if (path === "/" || (before !== undefined && isSame(before, entry))) continue;
      changes.set(path, before === undefined ? "added" : "changed");
      for (let above = dirname(path); above !== "/"; above = dirname(above))
        if (this.#image.has(above)) changes.set(above, "changed");
    }
    return Array.from(changes, ([path, kind]) => ({ kind, path })).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  stat(path: string): PathStat {
    const { kind, mode, modified, content } = this.#get(path);
    return { name: basename(resolve("/", path)) || "/", kind, mode, modified, size: content.length };
  }

  archive(path: string): Uint8Array {
    const top = this.#get(path);
    const at = resolve("/", path);
    const name = path.endsWith("/.") || at === "/" ? "." : basename(at);
    const inside = at === "/" ? "/" : `${at}/`;
    const below = [...this.#entries]
      .filter(([other]) => other !== at && other.startsWith(inside))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([other, entry]) => ({ ...entry, path: `${name}/${other.slice(inside.length)}` }));
    return writeTar([{ ...top, path: name }, ...below]);
  }

  /** All of it, without the root itself. */
  export(): Uint8Array {
    const all = [...this.#entries].filter(([path]) => path !== "/").sort(([a], [b]) => (a < b ? -1 : 1));
    return writeTar(all.map(([path, entry]) => ({ ...entry, path: path.slice(1) })));
  }

  async unpack(path: string, archive: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
    if (this.#get(path).kind !== "directory") throw wrongKind(path, "is no folder");
    for (const { path: name, ...entry } of readTar(await abortable(collect(archive), signal))) {
      const parts = name.split("/").filter((part) => part !== "" && part !== ".");
      if (parts.includes("..")) throw new RuntimeError("INVALID_ARGUMENT", `the archive has a name with ..: ${name}`);
      if (parts.length > 0) this.#put(resolve("/", path), parts, entry);
    }
  }

  #put(folder: string, parts: readonly string[], entry: Entry): void {
    for (const length of parts.slice(1).keys()) {
      const above = resolve(folder, ...parts.slice(0, length + 1));
      const there = this.#entries.get(above);
      if (there !== undefined && there.kind !== "directory") throw wrongKind(above, "is no folder");
      if (there === undefined)
        this.#entries.set(above, { ...entry, kind: "directory", mode: 0o755, content: new Uint8Array() });
    }
    const path = resolve(folder, ...parts);
    const there = this.#entries.get(path);
    if (there !== undefined && there.kind !== entry.kind) throw wrongKind(path, `is a ${there.kind}`);
    this.#entries.set(path, entry);
  }

  #get(path: string): Entry {
    if (typeof path !== "string" || path === "" || path.includes("\0"))
      throw invalid("path", path, "a path in the container");
    const entry = this.#entries.get(resolve("/", path));
    if (entry === undefined) throw new RuntimeError("NOT_FOUND", `there is no ${path}`, { details: { path } });
    if (/\/\.?$/.test(path) && entry.kind !== "directory") throw wrongKind(path, "is no folder");
    return entry;
  }
}

/** A file that was written once more counts as another one, whatever is in it. */
function isSame(before: Entry, now: Entry): boolean {
  return before === now || (before.kind === "directory" && now.kind === "directory" && before.mode === now.mode);
}

function wrongKind(path: string, problem: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} ${problem}`, { details: { path } });
}
