import { type Container, RuntimeError } from "@voiyd/runtime-api";
import { networkRecord } from "../container/network-record.js";
import {
  clearExit,
  type ContainerRecord,
  readRecord,
  writeExit,
  writeSpec,
  writeStarted,
} from "../container/container-store.js";
import { isRecord } from "../container/json.js";
import { writeRestart, writeStopped } from "../container/supervision-store.js";
import { type Json, readSpec } from "../container/read-process.js";
import { readContainer } from "../container/read-container.js";
import { lateSignal } from "../concurrency/late-signal.js";
import { hostId, type RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { logEnds } from "../log/log-ends.js";
import { joinContainers, type Joined } from "../request/joined-containers.js";
import { createSharedMemory, removeSharedMemory } from "../request/shared-memory.js";
import { makeTask } from "../run/create-task.js";
import { connectAndCreate } from "../run/connect-and-create.js";
import { createNameFiles } from "../run/name-files.js";
import { isManaged } from "../run/network.js";
import { startTask } from "../run/run-container.js";
import type { SpecNetwork } from "../spec/build-spec.js";
import { hostnameOf } from "../spec/hostname.js";
import { deleteTask } from "../task/delete-task.js";
import { endStrayShims } from "../task/end-stray-shims.js";
import { exitFromWire } from "../task/exit.js";
import { recordExit } from "../task/record-exit.js";
import { readTask } from "../task/task-state.js";
import { withContainer } from "./container-lock.js";
import { keepLogFiles } from "./keep-log-files.js";
import { restoreLimits, withNamespaces } from "./patch-spec.js";

type Options = { signal?: AbortSignal };

/** Undoing has a deadline of its own, in milliseconds: the caller's patience is over already. */
const UNDO_MS = 60_000;
/** How long a supervisor that is told to end goes on with a start, in milliseconds. */
const FINISH_MS = 5_000;

/**
 * Starts a container that was created or has exited: the files that it has, a new network, a new task. Its owner's word
 * is the beginning of a new count of restarts.
 */
export function startContainer(context: RuntimeContext, id: string, options: Options): Promise<Container> {
  return withContainer(context, id, options, async (record) => {
    if (await isIdle(context, record, options)) {
      if (record.stopped) await writeStopped(context, id, false, options);
      if (record.restart !== undefined) await writeRestart(context, id, null, options);
      await startIdle(context, record, options);
    }
    return readContainer(context, (await readRecord(context, id, options)) ?? record, options);
  });
}

/**
 * Starts a container that has ended, unless its owner has said something else by now. Tells whether it did. A start that
 * has begun when the signal is aborted is finished: undone, it would be a container that is seen to run, and then ends.
 */
export function startAgain(
  context: RuntimeContext,
  id: string,
  isWanted: (record: ContainerRecord) => boolean,
  { signal }: { signal: AbortSignal },
): Promise<boolean> {
  return withContainer(context, id, { signal }, async (record) => {
    if (!isWanted(record) || !(await isIdle(context, record, { signal }))) return false;
    using late = lateSignal(signal, FINISH_MS);
    await startIdle(context, record, late);
    return true;
  });
}

/** Whether there is something to be started. What an earlier life has left of a task is removed, its exit kept. */
async function isIdle(context: RuntimeContext, record: ContainerRecord, options: Options): Promise<boolean> {
  const { id } = record;
  if (record.phase === "creating") throw refused(record, "its set-up is under way, or was interrupted", "delete it");
  const task = await readTask(context, id, options);
  switch (task.kind) {
    case "running":
      return false;
    case "paused":
      throw refused(record, "it is paused", "resume it");
    case "stopped":
      if (record.exit === undefined) await recordExit(context, id, exitFromWire(task.process), options);
      break;
    case "unknown":
      throw refused(record, "its state is not known", "look at its shim, or kill it");
    default:
  }
  if (task.kind !== "none") await deleteTask(context, id, options);
  return true;
}

async function startIdle(context: RuntimeContext, before: ContainerRecord, options: Options): Promise<void> {
  const { id, name } = before;
  // The exit may just have been written.
  const record = (await readRecord(context, id, options)) ?? before;
  const joined = await joinContainers(context, record.stored().config, options);
  const spec = await readSpec(context, id, options);
  try {
    await connectAndStart(context, record, joined, spec, options);
  } catch (error) {
    await undoStart(context, record);
    options.signal?.throwIfAborted();
    throw error;
  }
  context.logger.debug("a container was started", { container: id, name });
}

async function connectAndStart(
  context: RuntimeContext,
  record: ContainerRecord,
  joined: Joined,
  spec: Json,
  options: Options,
): Promise<void> {
  const { id, name } = record;
  const { config } = record.stored();
  const hostname = joined.names?.hostname ?? hostnameOf(config, id, context.host.facts.hostname ?? "localhost");
  const process = isRecord(spec["process"]) ? restoreLimits(spec["process"]) : {};
  const args = Array.isArray(process["args"]) ? process["args"].map(String) : [];
  // An attachment of its earlier life has an address that is not this life's.
  if (isManaged(config)) await context.network.detach(hostId(context, id), options);
  await mapped(`files of container ${name}`, async () => {
    await createNameFiles(context, { id, hostname, config });
    await keepLogFiles(context, name);
    if (config.namespaces?.ipc === "shareable") {
      await removeSharedMemory(context, id, options);
      await createSharedMemory(context, id, config, options);
    }
  });
  await mapped(`container ${name}`, () => clearExit(context, id, options));
  const create = async (network: Promise<SpecNetwork>, call: Options): Promise<void> => {
    const { snapshotter, snapshotKey: key } = record;
    const [{ mounts }, found] = await Promise.all([
      mapped(`snapshot of container ${name}`, () => context.client.snapshots.mounts({ snapshotter, key }, call)),
      network,
    ]);
    const path = found.kind === "joined" ? { network: found.path } : {};
    const patched = withNamespaces({ ...spec, process }, { ...joined.namespaces, ...path });
    await mapped(`container ${name}`, () => writeSpec(context, id, patched, call));
    await makeTask(context, { id, name, config }, args, mounts, call);
  };
  const networked = { id, name, hostname, config, joined: joined.network };
  const attachment = await connectAndCreate(context, networked, create, options);
  const written = await logEnds(context, name);
  // Taken before the start: no exit of this life is earlier.
  const network = networkRecord(attachment, new Date(), written);
  const pid = await startTask(context, id, name, args, options);
  await mapped(`container ${name}`, () => writeStarted(context, id, { ...network, pid }, options));
}

/** What the start has made goes; the container is what it was, its last exit included. */
async function undoStart(context: RuntimeContext, record: ContainerRecord): Promise<void> {
  const { id } = record;
  const call = { signal: AbortSignal.timeout(UNDO_MS) };
  try {
    context.exits.forget(id);
    await deleteTask(context, id, call);
    // The start may have been given up while the daemon was at it, before there was a shim to be seen.
    await endStrayShims(context, id);
    if (isManaged(record.stored().config)) await context.network.detach(hostId(context, id), call);
    if (record.exit === undefined) await clearExit(context, id, call);
    else await writeExit(context, id, record.exit, call);
  } catch (error) {
    // Why it could not be started is what the caller is told; the next start, or the delete, removes what is left.
    context.logger.warn("what a failed start has made could not all be removed", { container: id, error });
  }
}

function refused({ id, name }: ContainerRecord, why: string, hint: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `container ${name} cannot be started: ${why}`, {
    hint: `${hint} first`,
    details: { container: id },
  });
}
