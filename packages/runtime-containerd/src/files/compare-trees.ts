import type { Stats } from "node:fs";
import { type FileHandle, lstat, readdir } from "node:fs/promises";
import type { FileChange } from "@voiyd/runtime-api";
import { hasCode } from "../host/file-store.js";
import { openFolder, pathOf } from "../rootfs/place.js";
import { tooDeep } from "./copy-error.js";

/** Each level has three folders open. */
const MAX_DEPTH = 1024;

/** Of the folders that a runtime makes on the way to what it mounts. */
const IMPLIED_MODE = 0o755;

/** Folders of the host that show the files of a container. */
export interface ComparedTrees {
  /** As they are now. */
  readonly now: string;
  /** As they were. */
  readonly before: string;
  /** What differs is in folders that are here too, where that is known. */
  readonly own?: string;
  /** Paths at which the runtime mounts something of its own: what it makes there, and on the way, is nobody's change. */
  readonly mountPoints?: readonly string[];
  /** Whether who owns a file is told alike by both. */
  readonly comparesOwners: boolean;
}

/** A folder in each of the trees; undefined where it is not there, or is no folder. */
interface Level {
  readonly now: FileHandle;
  readonly before: FileHandle | undefined;
  readonly own: FileHandle | undefined;
}

/**
 * What differs between two trees, sorted by path. Both are walked from open handles, because a container may change its
 * files meanwhile: a folder that it replaces by a link is not followed to the host.
 */
export async function compareTrees(trees: ComparedTrees, options: { signal?: AbortSignal }): Promise<FileChange[]> {
  const comparer = new Comparer(trees, options.signal);
  const changes = await comparer.folder(await openRoots(trees), "", 0);
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function openRoots({ now, before, own }: ComparedTrees): Promise<Level> {
  const opened: FileHandle[] = [];
  const root = async (path: string): Promise<FileHandle> => {
    const folder = await openFolder(`${path}/.`);
    opened.push(folder);
    return folder;
  };
  try {
    return { now: await root(now), before: await root(before), own: own === undefined ? undefined : await root(own) };
  } catch (error) {
    await Promise.all(opened.map((folder) => folder.close()));
    throw error;
  }
}

class Comparer {
  readonly #trees: ComparedTrees;
  readonly #signal: AbortSignal | undefined;

  constructor(trees: ComparedTrees, signal: AbortSignal | undefined) {
    this.#trees = trees;
    this.#signal = signal;
  }

  /** What differs in folders of the same path, which are closed. */
  async folder(level: Level, path: string, depth: number): Promise<FileChange[]> {
    try {
      if (depth > MAX_DEPTH) throw tooDeep(path, MAX_DEPTH);
      this.#signal?.throwIfAborted();
      const changes: FileChange[] = [];
      for (const name of await namesIn(level)) changes.push(...(await this.#entry(level, name, path, depth)));
      return changes;
    } finally {
      for (const folder of [level.now, level.before, level.own]) await folder?.close();
    }
  }

  async #entry(level: Level, name: string, folder: string, depth: number): Promise<readonly FileChange[]> {
    const path = `${folder}/${name}`;
    const [now, before] = [await statIn(level.now, name), await statIn(level.before, name)];
    if (now === undefined) return before === undefined ? [] : [{ kind: "deleted", path }];
    const isOwn = this.#trees.own === undefined || (await statIn(level.own, name)) !== undefined;
    // What the container's own layer does not have is as it was.
    if (before !== undefined && !isOwn) return [];
    const below = now.isDirectory() ? await this.#below(level, name, path, depth) : [];
    if (before === undefined && below.length === 0 && this.#isMountPoint(now, path)) return [];
    const differs = before === undefined || below.length > 0 || this.#differ(now, before);
    return differs ? [{ kind: before === undefined ? "added" : "changed", path }, ...below] : below;
  }

  async #below(level: Level, name: string, path: string, depth: number): Promise<readonly FileChange[]> {
    const now = await folderIn(level.now, name);
    if (now === undefined) return [];
    const [before, own] = [await folderIn(level.before, name), await folderIn(level.own, name)];
    return this.folder({ now, before, own }, path, depth + 1);
  }

  /** An empty file or folder to mount on, or a folder that leads there and to nothing else. */
  #isMountPoint(now: Stats, path: string): boolean {
    const { mountPoints = [] } = this.#trees;
    if (mountPoints.includes(path)) return now.isDirectory() || (now.isFile() && now.size === 0);
    const isOnTheWay = mountPoints.some((at) => at.startsWith(`${path}/`));
    return isOnTheWay && now.isDirectory() && (now.mode & 0o7777) === IMPLIED_MODE;
  }

  /** As Docker: the time and size of a folder say nothing. */
  #differ(now: Stats, before: Stats): boolean {
    if (now.mode !== before.mode || now.rdev !== before.rdev) return true;
    if (this.#trees.comparesOwners && (now.uid !== before.uid || now.gid !== before.gid)) return true;
    return !now.isDirectory() && (now.size !== before.size || now.mtimeMs !== before.mtimeMs);
  }
}

async function namesIn({ now, before }: Level): Promise<readonly string[]> {
  const names = new Set(await list(now));
  if (before !== undefined) for (const name of await list(before)) names.add(name);
  return [...names];
}

async function list(folder: FileHandle): Promise<readonly string[]> {
  return readdir(`${pathOf(folder)}/.`);
}

async function statIn(folder: FileHandle | undefined, name: string): Promise<Stats | undefined> {
  if (folder === undefined) return undefined;
  try {
    return await lstat(`${pathOf(folder)}/${name}`);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function folderIn(folder: FileHandle | undefined, name: string): Promise<FileHandle | undefined> {
  if (folder === undefined) return undefined;
  try {
    return await openFolder(`${pathOf(folder)}/${name}`);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
}
