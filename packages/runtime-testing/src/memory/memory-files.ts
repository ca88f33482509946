import { basename, resolve } from "node:path/posix";
import { invalid, type PathStat, RuntimeError } from "@voiyd/runtime-api";
import { abortable } from "./abortable.js";
import { readTar, type TarFile, writeTar } from "./tar.js";

type Entry = Omit<TarFile, "path">;

/** What was copied into a container, as files and folders. There is nothing else: programs of the simulation have no files. */
export class MemoryFiles {
  /** By absolute path. */
  readonly #entries = new Map<string, Entry>();

  constructor(now: Date) {
    this.#entries.set("/", { kind: "directory", mode: 0o755, modified: now, content: new Uint8Array() });
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

  async unpack(path: string, archive: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
    if (this.#get(path).kind !== "directory") throw wrongKind(path, "is no folder");
    for (const { path: name, ...entry } of readTar(await collect(archive, signal))) {
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

async function collect(archive: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  const read = async (): Promise<void> => {
    for await (const chunk of archive) all.push(chunk);
  };
  await abortable(read(), signal);
  const whole = new Uint8Array(all.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of all) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function wrongKind(path: string, problem: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} ${problem}`, { details: { path } });
}
