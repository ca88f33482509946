import {
  assertContainerRequest,
  type Container,
  type ContainerRequest,
  generateId,
  type ID,
  invalid,
  isRuntimeError,
} from "@voiyd/runtime-api";
import { firstTold } from "../concurrency/first-told.js";
import { createRecord, writeStarted } from "../container/container-store.js";
import { releaseName, reserveName } from "../container/name-lock.js";
import { networkRecord } from "../container/network-record.js";
import { storedFromRequest, type StoredContainer } from "../container/stored-container.js";
import type { RuntimeContext } from "../context.js";
import { mapped } from "../errors/map-error.js";
import { type ReadyImage, readyImage } from "../image/ready-image.js";
import { removeAbandoned } from "../remove/remove-container.js";
import { type PreparedRequest, prepareRequest } from "../request/prepare-request.js";
import { commandLine } from "../spec/command-line.js";
import { hostnameOf } from "../spec/hostname.js";
import { healthCheckOf } from "../supervisor/health-check-of.js";
import { withImageVolumes } from "../volume/image-volumes.js";
import { connectAndCreate } from "./connect-and-create.js";
import { createTask } from "./create-task.js";
import { undo } from "./undo.js";
import { mapTaskError } from "./task-error.js";

type Options = { signal?: AbortSignal };

/**
 * Runs a container: checks, name, record, then snapshot and task beside the network, then the start. The record comes
 * before everything that it leads to, so that whoever finds it can find, and remove, all the rest.
 */
export function runContainer(context: RuntimeContext, request: ContainerRequest, options: Options): Promise<Container> {
  return makeContainer(context, request, setUpAndStart, options);
}

/** What is done once a container has its name and its record. When it fails, everything is undone. */
export type Build = (context: RuntimeContext, making: Making, options: Options) => Promise<Container>;

/** The part that is the same however far a container is then built. */
export async function makeContainer(
  context: RuntimeContext,
  request: ContainerRequest,
  build: Build,
  options: Options,
): Promise<Container> {
  options.signal?.throwIfAborted();
  assertContainerRequest(request);
  await assertMountSources(context, request);
  const [image, prepared] = await firstTold(
    readyImage(context, request.config, options),
    prepareRequest(context, request.config, options),
  );
  const command = commandLine(request.config, image.config.config);
  withImageVolumes(image.name, request.config.mounts ?? [], image.config.config.volumes);

  const id = generateId();
  const check = healthCheckOf(request.config.healthCheck, image.config.config.healthcheck, context.logger);
  const stored = storedFromRequest(request, new Date(), command, check);
  const { name } = stored.meta;
  context.making.add(id);
  try {
    await takeName(context, name, id, options);
    return await makeOrUndo(context, { id, stored, image, prepared }, build, options);
  } finally {
    context.making.delete(id);
  }
}

/** A container that is being made. */
export interface Making {
  readonly id: ID;
  readonly stored: StoredContainer;
  readonly image: ReadyImage;
  readonly prepared: PreparedRequest;
}

async function makeOrUndo(context: RuntimeContext, making: Making, build: Build, options: Options): Promise<Container> {
  const { id, stored, image, prepared } = making;
  const { name } = stored.meta;
  try {
    await mapped(`container ${name}`, () =>
      createRecord(context, { id, stored, image: image.name, runtime: prepared.runtime }, options),
    );
    return await build(context, making, options);
  } catch (error) {
    throw await undo(context, { id, name }, options.signal?.aborted === true ? options.signal.reason : error);
  }
}

/** Reserves the name. An abort can come between the reservation and the word of it, so it is given back. */
async function takeName(context: RuntimeContext, name: string, id: ID, options: Options): Promise<void> {
  const remove = (owner: string): Promise<void> => removeAbandoned(context, { id: owner, name }, options);
  try {
    await mapped(`container ${name}`, () => reserveName(context, name, id, remove, options));
  } catch (error) {
    if (!isRuntimeError(error, "NAME_IN_USE")) {
      await releaseName(context, name, id, {}).catch((remains: unknown) => {
        // Whoever asks for the name once this process has ended takes it over.
        context.logger.warn("a name could not be given back", { name, error: remains });
      });
    }
    throw error;
  }
}

async function setUpAndStart(context: RuntimeContext, making: Making, options: Options): Promise<Container> {
  const { id, stored, image, prepared } = making;
  const { command, healthCheck, ...visible } = stored;
  const { meta, config } = stored;
  const hostname =
    prepared.joined.names?.hostname ?? hostnameOf(config, id, context.host.facts.hostname ?? "localhost");
  const attachment = await connectAndCreate(
    context,
    { id, name: meta.name, hostname, config, joined: prepared.joined.network },
    (network, call) => createTask(context, { id, name: meta.name, config, image, prepared, hostname, network }, call),
    options,
  );
  const network = networkRecord(attachment, new Date());

  const pid = await startTask(context, id, meta.name, commandLine(config, image.config.config), options);
  await mapped(`container ${meta.name}`, () => writeStarted(context, id, { ...network, pid }, options));
  const { ip, ports } = network;
  return {
    ...visible,
    status: {
      phase: "running",
      id,
      ...(command === undefined ? {} : { command }),
      ...(healthCheck === undefined ? {} : { health: { status: "starting", failingStreak: 0, log: [] } }),
      pid,
      ...(network.startedAt === undefined ? {} : { startedAt: new Date(network.startedAt) }),
      ...(ip === undefined ? {} : { ip }),
      ...(ports === undefined ? {} : { ports }),
    },
  };
}

/** The wait is open before the start, so that even the shortest life's exit is recorded. */
export async function startTask(
  context: RuntimeContext,
  id: ID,
  name: string,
  args: readonly string[],
  options: Options,
): Promise<number> {
  context.exits.watch(id);
  context.logs.start();
  try {
    const { pid } = await context.client.tasks.start({ containerId: id }, options);
    return pid;
  } catch (error) {
    throw mapTaskError(error, name, args);
  }
}

async function assertMountSources(context: RuntimeContext, request: ContainerRequest): Promise<void> {
  for (const [index, mount] of (request.config.mounts ?? []).entries()) {
    if (mount.type === "bind" && !(await context.host.files.exists(mount.source))) {
      throw invalid(`mounts[${String(index)}].source`, mount.source, "a path that exists on the host");
    }
  }
}
