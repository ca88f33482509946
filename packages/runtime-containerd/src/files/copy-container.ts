import { basename } from "node:path/posix";
import { type CopyToOptions, invalid, type PathStat, RuntimeError } from "@voiyd/runtime-api";
import type { Stats } from "node:fs";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { untilAborted } from "../concurrency/until-aborted.js";
import { mapError } from "../errors/map-error.js";
import { hasCode } from "../host/file-store.js";
import { withContainer } from "../lifecycle/container-lock.js";
import type { Place } from "../rootfs/place.js";
import type { Rootfs } from "../rootfs/rootfs.js";
import { type ContainerFiles, openFiles, openIdleFiles, openLiveFiles } from "./container-files.js";
import { fileError } from "./copy-error.js";
import { SAME_IDS } from "./id-map.js";
import { isMadeUp, packTree } from "./pack-tree.js";
import { assertWritable, unpackTree } from "./unpack-tree.js";

type Options = { signal?: AbortSignal };

/** What stands at a path of a container. */
export async function statPath(
  context: RuntimeContext,
  record: ContainerRecord,
  path: string,
  options: Options,
): Promise<PathStat> {
  assertPath(path);
  await using files = await openFiles(context, record, options);
  await using place = await placeOf(files.rootfs, path);
  const stats = await statsOf(place, path, record);
  const target = stats.isSymbolicLink() ? await targetOf(files.rootfs, path) : undefined;
  return {
    name: basename(place.path) || "/",
    kind: kindOf(stats),
    size: stats.size,
    mode: stats.mode & 0o7777,
    modified: stats.mtime,
    ...(target === undefined ? {} : { target }),
  };
}

/** What stands at a path of a container, as a tar archive. */
export async function* copyFrom(
  context: RuntimeContext,
  record: ContainerRecord,
  path: string,
  options: Options,
): AsyncGenerator<Uint8Array, void, undefined> {
  assertPath(path);
  try {
    await using files = await openFiles(context, record, options);
    await using place = await placeOf(files.rootfs, path);
    await assertCopied(place, path, record);
    yield* packTree(files.rootfs, place, Buffer.from(nameOf(path, place)), { ids: files.ids, ...options });
  } catch (error) {
    throw mapError(fileError(error, path), `container ${record.name}`);
  }
}

function nameOf(path: string, place: Place): string {
  const last = path.endsWith("/.") ? "." : basename(path);
  return (last === ".." ? basename(place.path) : last) || ".";
}

async function assertCopied(place: Place, path: string, record: ContainerRecord): Promise<void> {
  const stats = await statsOf(place, path, record);
  const details = { container: record.id, path };
  if (stats.isSocket())
    throw new RuntimeError("FAILED_PRECONDITION", `${path} of container ${record.name} is a socket`, { details });
  if (stats.isSymbolicLink() || place.path === "/" || !(await isMadeUp(place.hostPath))) return;
  throw new RuntimeError("FAILED_PRECONDITION", `${path} of container ${record.name} is made up by the kernel`, {
    hint: "read it with exec",
    details,
  });
}

/** Unpacks a tar archive into a folder of a container. One without a process cannot be started meanwhile. */
export async function copyTo(
  context: RuntimeContext,
  record: ContainerRecord,
  path: string,
  archive: AsyncIterable<Uint8Array>,
  options: CopyToOptions,
): Promise<void> {
  assertPath(path);
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const unpack = async (opened: ContainerFiles): Promise<void> => {
    await using files = opened;
    await unpackInto(files, record, path, archive, options);
  };
  const live = await openLiveFiles(context, record, call);
  if (live !== undefined) {
    await unpack(live);
    return;
  }
  await withContainer(context, record.id, call, async (locked) => {
    await unpack(
      (await openLiveFiles(context, locked, call)) ??
        (await openIdleFiles(context, locked, { ...call, writable: true })),
    );
  });
}

async function unpackInto(
  { rootfs, ids }: ContainerFiles,
  record: ContainerRecord,
  path: string,
  archive: AsyncIterable<Uint8Array>,
  { keepOwners = false, signal }: CopyToOptions,
): Promise<void> {
  await using place = await placeOf(rootfs, `${path}/`);
  const stats = await statsOf(place, path, record);
  if (!stats.isDirectory()) throw noFolder(path, record);
  assertWritable(place);
  const root = { uid: ids.outside("uid", 0), gid: ids.outside("gid", 0) };
  await unpackTree(rootfs, place.path, untilAborted(archive, signal), {
    owner: ({ uid, gid }) => (keepOwners ? { uid: ids.outside("uid", uid), gid: ids.outside("gid", gid) } : root),
    // Set by the host's root they count on the host, too; of users of a container's own nobody there may have any.
    capabilities: ids === SAME_IDS,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** A slash at the end, also with a dot after it, asks for what a symlink there leads to. */
async function placeOf(rootfs: Rootfs, path: string): Promise<Place> {
  return rootfs.place(path, { follow: /\/\.?$/.test(path) });
}

async function statsOf(place: Place, path: string, record: ContainerRecord): Promise<Stats> {
  // A mounted file or folder of the host's is followed to, as the mount does.
  const stats = await place.stats();
  if (stats === undefined) {
    throw new RuntimeError("NOT_FOUND", `there is no ${path} in container ${record.name}`, {
      details: { container: record.id, path },
    });
  }
  if (/\/\.?$/.test(path) && !stats.isDirectory()) throw noFolder(path, record);
  return stats;
}

async function targetOf(rootfs: Rootfs, path: string): Promise<string | undefined> {
  try {
    await using place = await rootfs.place(path, { follow: true });
    return place.path;
  } catch (error) {
    // It leads to nothing, or round in a circle.
    if (hasCode(error, "NOT_FOUND", "FAILED_PRECONDITION")) return undefined;
    throw error;
  }
}

function kindOf(stats: Stats): PathStat["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : "other";
}

function assertPath(path: string): void {
  if (typeof path !== "string" || path === "" || path.includes("\0"))
    throw invalid("path", path, "a path in the container");
}

function noFolder(path: string, record: ContainerRecord): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `${path} of container ${record.name} is no folder`, {
    details: { container: record.id, path },
  });
}
