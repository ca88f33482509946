import { isContainerdError } from "@voiyd/containerd-client";
import {
  type ContainerRecord,
  createStubRecord,
  readRecord,
  writeDeleting,
  writeNobodyAtWork,
} from "../container/container-store.js";
import { ifNameIsOurs, releaseName } from "../container/name-lock.js";
import { hostId, type RuntimeContext } from "../context.js";
import { keepRemoval } from "../events/removal-log.js";
import { removeCgroups } from "../host/cgroups.js";
import { removeDeadShimSocket } from "../host/shim-socket.js";
import { removeLogFiles } from "../io/log-files.js";
import { stateDirectory } from "../run/name-files.js";
import { removeSharedMemory } from "../request/shared-memory.js";
import { cgroupFolder } from "../spec/cgroup-path.js";
import { isManaged } from "../run/network.js";
import { pause } from "../concurrency/pause.js";
import { together } from "../concurrency/together.js";
import { deleteTask } from "../task/delete-task.js";
import { endStrayShims } from "../task/end-stray-shims.js";
import { SIGKILL } from "../task/signal-task.js";
import { stopTask } from "../task/stop-task.js";
import { Leftovers } from "./leftovers.js";
import { removeSnapshot } from "./remove-snapshot.js";

type Options = { signal?: AbortSignal };

const GIVE_UP_MS = 5_000;
const RELEASE_PAUSE_MS = 200;

interface Target {
  readonly id: string;
  readonly name?: string;
}

/**
 * Removes everything of a container: the task and the network side by side, then files, control groups and the snapshot
 * side by side, the record, and last of all the name. Needs the id alone; the name frees the name too. Idempotent, and goes on past
 * errors; throws `CLEANUP_INCOMPLETE` and keeps the record, with phase `deleting`, while anything is left.
 */
export async function removeContainer(context: RuntimeContext, target: Target, options: Options): Promise<void> {
  const removeLogs = (name: string): Promise<void> =>
    ifNameIsOurs(context, name, target.id, () => removeLogFiles(context, name), options);
  const name = await removeParts(context, target, removeLogs, options);
  if (name !== undefined) await release(context, name, target.id, options);
}

/** Once more where it fails: nothing but the name tells of the container by now, and it would be held while we live. */
async function release(context: RuntimeContext, name: string, id: string, options: Options): Promise<void> {
  try {
    await releaseName(context, name, id, options);
  } catch {
    options.signal?.throwIfAborted();
    await pause(RELEASE_PAUSE_MS, options);
    await releaseName(context, name, id, options);
  }
}

/** The same for a container whose maker died. For the holder of its name's lock, who frees the name. */
export async function removeAbandoned(context: RuntimeContext, target: Target, options: Options): Promise<void> {
  await removeParts(context, target, (name) => removeLogFiles(context, name), options);
}

/** All but the name, which is returned. */
async function removeParts(
  context: RuntimeContext,
  target: Target,
  removeLogs: (name: string) => Promise<void>,
  options: Options,
): Promise<string | undefined> {
  context.removing.add(target.id);
  try {
    return await removeEach(context, target, removeLogs, options);
  } catch (error) {
    await giveUp(context, target.id);
    throw error;
  } finally {
    context.removing.delete(target.id);
  }
}

/** Whoever comes next need not wait for this process to die: it is not at work on the container any more. */
async function giveUp(context: RuntimeContext, id: string): Promise<void> {
  try {
    await writeNobodyAtWork(context, id, { signal: AbortSignal.timeout(GIVE_UP_MS) });
  } catch (error) {
    // There is no record, or nobody to tell: why the removal failed is what the caller has to hear.
    context.logger.debug("a removal that failed could not be given up", { container: id, error });
  }
}

async function removeEach(
  context: RuntimeContext,
  target: Target,
  removeLogs: (name: string) => Promise<void>,
  options: Options,
): Promise<string | undefined> {
  const { id } = target;
  const record = await markDeleting(context, id, options);
  const name = record?.name ?? target.name;
  const { signal } = options;
  const left = new Leftovers();

  context.exits.forget(id);
  await together(
    (inner) => left.attempt("task", () => removeTask(context, id, record, { signal: inner }), signal),
    (inner) => left.attempt("network", () => removeNetwork(context, id, record, { signal: inner }), signal),
    signal,
  );
  const cgroup = cgroupFolder({
    driver: context.cgroupDriver,
    namespace: context.namespace,
    id,
    parent: cgroupParentOf(record),
  });
  const snapshotter = record === undefined || record.snapshotter === "" ? context.snapshotter : record.snapshotter;
  const key = record === undefined || record.snapshotKey === "" ? id : record.snapshotKey;
  // None of these needs another; each is waited for, also when one of them is aborted.
  const ended = await Promise.allSettled([
    name === undefined ? undefined : left.attempt("logs", () => removeLogs(name), signal),
    left.attempt("files", () => removeFiles(context, id, options), signal),
    left.attempt("cgroup", () => removeCgroups(context.host.facts.cgroupRoots, cgroup, options), signal),
    left.attempt("shim socket", () => removeDeadShimSocket(context.client.address, context.namespace, id), signal),
    left.attempt("snapshot", () => removeSnapshot(context, snapshotter, key, options), signal),
  ]);
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  if (!left.found && record !== undefined) await keepRemoval(context, record, options);
  // The record is what the rest is found by: it stays as long as there is a rest.
  if (!left.found) await left.attempt("record", () => deleteRecord(context, id, options), signal);
  if (left.found) throw left.toError(name ?? id);
  return name;
}

async function removeFiles(context: RuntimeContext, id: string, options: Options): Promise<void> {
  await removeSharedMemory(context, id, options);
  await context.host.files.remove(stateDirectory(context, id));
}

function cgroupParentOf(record: ContainerRecord | undefined): string | undefined {
  try {
    return record?.stored().config.cgroupParent;
  } catch {
    // What was stored has been damaged: most containers are where they are by default.
    return undefined;
  }
}

/** Says what is about to happen. A task without a record gets one: without it containerd would not let it be ended. */
async function markDeleting(
  context: RuntimeContext,
  id: string,
  options: Options,
): Promise<ContainerRecord | undefined> {
  const record = await readRecord(context, id, options);
  if (record !== undefined) {
    await ignoreAbsence(() => writeDeleting(context, id, options));
    return record;
  }
  const { tasks } = await context.client.tasks.list({}, options);
  if (!tasks.some((task) => task.id === id)) return undefined;
  try {
    await createStubRecord(context, id, options);
  } catch (error) {
    if (!isContainerdError(error, "already_exists")) throw error;
  }
  return undefined;
}

async function removeTask(
  context: RuntimeContext,
  id: string,
  record: ContainerRecord | undefined,
  options: Options,
): Promise<void> {
  await stopTask(context, id, { stopSignal: SIGKILL, timeoutMs: 0 }, options);
  await deleteTask(context, id, options);
  // Its maker died or gave up, and the daemon may have been at it still.
  if (record?.phase === "creating") await endStrayShims(context, id);
}

async function removeNetwork(
  context: RuntimeContext,
  id: string,
  record: ContainerRecord | undefined,
  options: Options,
): Promise<void> {
  if (record !== undefined && hasNoNetwork(record)) return;
  await context.network.detach(hostId(context, id), options);
}

function hasNoNetwork(record: ContainerRecord): boolean {
  try {
    return !isManaged(record.stored().config);
  } catch {
    // Nobody can tell any more, so it has to be looked for.
    return false;
  }
}

function deleteRecord(context: RuntimeContext, id: string, options: Options): Promise<void> {
  return ignoreAbsence(() => context.client.containers.delete({ id }, options));
}

async function ignoreAbsence(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isContainerdError(error, "not_found")) throw error;
  }
}
