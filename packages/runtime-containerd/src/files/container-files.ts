import { mkdir, readlink, realpath } from "node:fs/promises";
import { dirname } from "node:path/posix";
import { RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { isRecord } from "../container/json.js";
import { type Json, readSpec } from "../container/read-process.js";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { Rootfs, type RootfsMount } from "../rootfs/rootfs.js";
import { stateDirectory } from "../run/name-files.js";
import { mountRootfs } from "../snapshot/mounted-rootfs.js";
import { readTask } from "../task/task-state.js";
import { type IdMap, idMapOf } from "./id-map.js";

type Options = { signal?: AbortSignal };

/** A container's files as they are for its own processes, until they are disposed of. */
export interface ContainerFiles extends AsyncDisposable {
  readonly rootfs: Rootfs;
  readonly ids: IdMap;
}

/** The files of a container that has a process, through that process's root; undefined for one that has none. */
export async function openLiveFiles(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): Promise<ContainerFiles | undefined> {
  for (;;) {
    const pid = await livePid(context, record, options);
    if (pid === undefined) return undefined;
    const rootfs = await openRootOf(pid);
    try {
      // If it lives still, it was this process whose root was opened, and not another one that was given its number.
      if (rootfs !== undefined && (await livePid(context, record, options)) === pid) {
        await assertOwnRoot(pid, record);
        return {
          rootfs,
          ids: idMapOf(record.stored().config),
          [Symbol.asyncDispose]: () => rootfs[Symbol.asyncDispose](),
        };
      }
    } catch (error) {
      await rootfs?.[Symbol.asyncDispose]();
      throw error;
    }
    await rootfs?.[Symbol.asyncDispose]();
  }
}

/**
 * The files of a container without a process: its snapshot, with the host's folders and files that are mounted in it.
 * To write there, nobody may start the container meanwhile.
 */
export async function openIdleFiles(
  context: RuntimeContext,
  record: ContainerRecord,
  { writable, signal }: Options & { readonly writable: boolean },
): Promise<ContainerFiles> {
  const call = signal === undefined ? {} : { signal };
  const { snapshotter, snapshotKey: key } = record;
  const [{ mounts }, spec] = await Promise.all([
    context.client.snapshots.mounts({ snapshotter, key }, call),
    readSpec(context, record.id, call),
  ]);
  const refusal = (reason: string): RuntimeError => unreachable(record, reason, "start the container, and copy then");
  const { user = "host" } = record.stored().config.namespaces ?? {};
  // Its layers belong to other ids each, which only containerd's own mount puts right.
  if (user !== "host") throw refusal("it has users of its own, and does not run");
  const directory = stateDirectory(context, record.id);
  // Without the signal: the helper has to be there until the files are closed.
  const mounted = await mountRootfs(mounts, directory, { writable, refusal });
  try {
    const readOnly = isRecord(spec["root"]) && spec["root"]["readonly"] === true;
    const table = new Map<string, RootfsMount>();
    const rootfs = await Rootfs.open(mounted.root, { mounts: table, readOnly });
    await addMounts(rootfs, table, spec, { writable });
    return {
      rootfs,
      ids: idMapOf(record.stored().config),
      async [Symbol.asyncDispose]() {
        await rootfs[Symbol.asyncDispose]();
        await mounted[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await mounted[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whichever of the two it is. Only for reading. */
export async function openFiles(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): Promise<ContainerFiles> {
  return (
    (await openLiveFiles(context, record, options)) ?? openIdleFiles(context, record, { ...options, writable: false })
  );
}

async function livePid(
  context: RuntimeContext,
  { id }: ContainerRecord,
  options: Options,
): Promise<number | undefined> {
  const task = await readTask(context, id, options);
  const lives = task.kind === "running" || task.kind === "paused" || task.kind === "created";
  return lives && task.process.pid > 0 ? task.process.pid : undefined;
}

async function openRootOf(pid: number): Promise<Rootfs | undefined> {
  try {
    return await Rootfs.open(`/proc/${String(pid)}/root`);
  } catch (error) {
    // It has just ended.
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES")) return undefined;
    throw error;
  }
}

/** A runtime whose process is one of the host's (a virtual machine's) shows the host's files, and not the container's. */
async function assertOwnRoot(pid: number, record: ContainerRecord): Promise<void> {
  const [theirs, ours] = await Promise.all([readlink(`/proc/${String(pid)}/ns/mnt`), readlink("/proc/self/ns/mnt")]);
  if (theirs === ours) throw unreachable(record, "its runtime keeps them to itself", "use exec");
}

/** What the container will have mounted of the host when it runs. Where that leads through links is seen by walking. */
async function addMounts(
  rootfs: Rootfs,
  table: Map<string, RootfsMount>,
  { mounts }: Json,
  { writable }: { readonly writable: boolean },
): Promise<void> {
  for (const mount of Array.isArray(mounts) ? mounts.filter(isRecord) : []) {
    const { destination, source, options } = mount;
    const flags: readonly unknown[] = Array.isArray(options) ? options : [];
    if (typeof destination !== "string" || typeof source !== "string") continue;
    if (!flags.includes("bind") && !flags.includes("rbind")) continue;
    // The kernel's own, as it is in every container.
    if (/^\/(?:proc|sys|dev)(?:\/|$)/.test(source)) continue;
    const real = await realPathIfThere(source);
    if (real === undefined) continue;
    // As a start would.
    if (writable) await makeFolders(rootfs, dirname(destination));
    table.set(await resolved(rootfs, destination), { source: real, readOnly: flags.includes("ro") });
  }
}

async function makeFolders(rootfs: Rootfs, path: string): Promise<void> {
  const parts = path.split("/").filter((part) => part !== "");
  for (const index of parts.keys()) {
    await using place = await rootfs.place(`/${parts.slice(0, index + 1).join("/")}`, { follow: true });
    if (place.readOnly) return;
    if ((await place.stats()) === undefined) await mkdir(place.hostPath, { mode: 0o755 });
  }
}

async function realPathIfThere(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Where a mount will be that is asked for at a path: symlinks on the way are followed. */
export async function resolved(rootfs: Rootfs, path: string): Promise<string> {
  try {
    await using place = await rootfs.place(path, { follow: true });
    return place.path;
  } catch (error) {
    // It is made when the container starts.
    if (hasCode(error, "NOT_FOUND"))
      return `/${path
        .split("/")
        .filter((part) => part !== "" && part !== ".")
        .join("/")}`;
    throw error;
  }
}

function unreachable({ id, name }: ContainerRecord, reason: string, hint: string): RuntimeError {
  return new RuntimeError("UNIMPLEMENTED", `the files of container ${name} cannot be reached: ${reason}`, {
    hint,
    details: { container: id },
  });
}
