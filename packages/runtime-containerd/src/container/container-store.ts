import { type Container as Message, packJson, unpackJson } from "@voiyd/containerd-client";
import { type ID, isContainerName, isId } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { shimOptions, type ShimRuntime } from "../request/shim.js";
import { encodeSpec } from "../spec/encode-spec.js";
import type { Spec } from "../spec/oci.js";
import { type ExitRecord, parseExit } from "./exit-record.js";
import { type HealthRecord, parseHealth } from "./health-record.js";
import { EXTENSION, EXTENSION_TYPE, LABEL } from "./label-names.js";
import { type NetworkRecord, parseNetworkRecord } from "./network-record.js";
import { parseRestart, type RestartRecord } from "./restart-record.js";
import { isSupervised } from "./is-supervised.js";
import { parseRecordPhase, type RecordPhase } from "./phase.js";
import { parseStored, type StoredContainer } from "./stored-container.js";

/** A container record of containerd, as this runtime understands it. */
export interface ContainerRecord {
  readonly id: ID;
  readonly name: string;
  /** The normalised reference of its image. */
  readonly image: string;
  /** All of the record's, ours and containerd's among them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: RecordPhase | undefined;
  /** The process that made it, or that is removing it. */
  readonly instance: string | undefined;
  readonly snapshotter: string;
  readonly snapshotKey: string;
  /** Fails when what is stored has been damaged; the rest of the record is usable all the same. */
  stored(): StoredContainer;
  /** The OCI specification that it was last made with; undefined where that cannot be read. */
  spec(): unknown;
  readonly exit: ExitRecord | undefined;
  /** Whether it has what a supervisor looks after. */
  readonly supervised: boolean;
  /** Its owner has ended it. */
  readonly stopped: boolean;
  readonly restart: RestartRecord | undefined;
  readonly health: HealthRecord | undefined;
  readonly network: NetworkRecord;
}

export interface NewRecord {
  readonly id: ID;
  readonly stored: StoredContainer;
  readonly image: string;
  readonly runtime: ShimRuntime;
}

type Options = { signal?: AbortSignal };

/** Containers whose record was made by somebody else are not seen: this label is what makes one ours. */
const OURS = `labels."${LABEL.name}"`;

const SPEC_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Spec";

export function createRecord(context: RuntimeContext, record: NewRecord, options: Options): Promise<unknown> {
  const { id, stored, image, runtime } = record;
  const runtimeOptions = shimOptions(runtime, context.cgroupDriver);
  return context.client.containers.create(
    {
      container: {
        id,
        image,
        labels: recordLabels(context, stored),
        runtime: { name: runtime.shim, ...(runtimeOptions === undefined ? {} : { options: runtimeOptions }) },
        snapshotter: context.snapshotter,
        // The snapshot does not exist yet. Named here, it is safe from the garbage collector from its first moment.
        snapshotKey: id,
        // Containerd wants a spec, and the real one needs the snapshot.
        spec: packJson(SPEC_TYPE, {}),
        extensions: { [EXTENSION.container]: packJson(EXTENSION_TYPE.container, stored) },
      },
    },
    options,
  );
}

/**
 * A record for a task that has none any more. Without one containerd refuses every call about the task; with one it
 * can be ended and removed again.
 */
export function createStubRecord(context: RuntimeContext, id: string, options: Options): Promise<unknown> {
  return context.client.containers.create(
    {
      container: {
        id,
        labels: { [LABEL.name]: id, [LABEL.phase]: "deleting", [LABEL.instance]: context.host.processes.self },
        runtime: { name: context.shim },
        spec: packJson(SPEC_TYPE, {}),
      },
    },
    options,
  );
}

export async function readRecord(
  context: RuntimeContext,
  id: string,
  options: Options,
): Promise<ContainerRecord | undefined> {
  for await (const record of listRecords(context, [`id=="${id}",${OURS}`], options)) return record;
  return undefined;
}

/** Every record of ours that matches one of the filters; all of ours without any. Streams: the unary list is bounded. */
export async function* listRecords(
  context: RuntimeContext,
  filters: readonly string[],
  options: Options,
): AsyncGenerator<ContainerRecord> {
  const messages = context.client.containers.listStream(
    { filters: filters.length === 0 ? [OURS] : [...filters] },
    options,
  );
  for await (const { container } of messages) {
    const record = container === undefined ? undefined : parseRecord(container);
    if (record !== undefined) yield record;
  }
}

export function writePhase(
  context: RuntimeContext,
  id: string,
  phase: RecordPhase,
  options: Options,
): Promise<unknown> {
  return context.client.containers.update(
    // One label by its mask: the map as a whole is never written, so nobody else's change is lost.
    { container: { id, labels: { [LABEL.phase]: phase } }, updateMask: { paths: [`labels.${LABEL.phase}`] } },
    options,
  );
}

/** Says that this process is removing the container: as long as it lives, nobody else has to. */
export function writeDeleting(context: RuntimeContext, id: string, options: Options): Promise<unknown> {
  const labels = { [LABEL.phase]: "deleting", [LABEL.instance]: context.host.processes.self };
  const updateMask = { paths: Object.keys(labels).map((key) => `labels.${key}`) };
  return context.client.containers.update({ container: { id, labels }, updateMask }, options);
}

/** No process is making or removing the container any more, whatever its phase. */
export function writeNobodyAtWork(context: RuntimeContext, id: string, options: Options): Promise<unknown> {
  const labels = { [LABEL.instance]: "nobody" };
  return context.client.containers.update(
    { container: { id, labels }, updateMask: { paths: [`labels.${LABEL.instance}`] } },
    options,
  );
}

export function writeSpec(
  context: RuntimeContext,
  id: string,
  spec: Spec | Readonly<Record<string, unknown>>,
  options: Options,
): Promise<unknown> {
  const value = new TextEncoder().encode(encodeSpec(spec));
  return context.client.containers.update(
    { container: { id, spec: { typeUrl: SPEC_TYPE, value } }, updateMask: { paths: ["spec"] } },
    options,
  );
}

/** The specification that a container was made with, as containerd keeps it; undefined for a half-made one. */
export async function readSpec(context: RuntimeContext, id: string, options: Options): Promise<unknown> {
  const { container } = await context.client.containers.get({ id }, options);
  return container?.spec === undefined ? undefined : unpackJson(SPEC_TYPE, container.spec);
}

export function writeStarted(
  context: RuntimeContext,
  id: string,
  network: NetworkRecord,
  options: Options,
): Promise<unknown> {
  return context.client.containers.update(
    {
      container: {
        id,
        labels: { [LABEL.phase]: "running" },
        extensions: {
          [EXTENSION.network]: packJson(EXTENSION_TYPE.network, { ...network, boot: context.host.processes.boot }),
        },
      },
      updateMask: { paths: [`labels.${LABEL.phase}`, `extensions.${EXTENSION.network}`] },
    },
    options,
  );
}

export function writeNetwork(
  context: RuntimeContext,
  id: string,
  network: NetworkRecord,
  options: Options,
): Promise<unknown> {
  return context.client.containers.update(
    {
      container: { id, extensions: { [EXTENSION.network]: packJson(EXTENSION_TYPE.network, network) } },
      updateMask: { paths: [`extensions.${EXTENSION.network}`] },
    },
    options,
  );
}

export function writeExit(context: RuntimeContext, id: string, exit: ExitRecord, options: Options): Promise<unknown> {
  return context.client.containers.update(
    {
      container: { id, extensions: { [EXTENSION.exit]: packJson(EXTENSION_TYPE.exit, exit) } },
      updateMask: { paths: [`extensions.${EXTENSION.exit}`] },
    },
    options,
  );
}

/** The container is about to run again: how it ended the last time says nothing any more. */
export function clearExit(context: RuntimeContext, id: string, options: Options): Promise<unknown> {
  return context.client.containers.update(
    {
      container: { id, extensions: { [EXTENSION.exit]: packJson(EXTENSION_TYPE.exit, null) } },
      updateMask: { paths: [`extensions.${EXTENSION.exit}`] },
    },
    options,
  );
}

/** What changes with the container's object: the object itself, the labels that show it, and, where given, the spec. */
export function writeStored(
  context: RuntimeContext,
  id: string,
  stored: StoredContainer,
  changes: { readonly labels: Readonly<Record<string, string>>; readonly spec?: unknown },
  options: Options,
): Promise<unknown> {
  const { meta } = stored;
  const labels: Readonly<Record<string, string>> = {
    ...changes.labels,
    [LABEL.name]: meta.name,
    [LABEL.legacyName]: meta.name,
    [LABEL.revision]: String(meta.revision),
    [LABEL.updated]: meta.updated.toISOString(),
    [LABEL.supervised]: isSupervised(stored) ? "true" : "",
  };
  const spec =
    changes.spec === undefined
      ? undefined
      : { typeUrl: SPEC_TYPE, value: new TextEncoder().encode(encodeSpec(changes.spec)) };
  return context.client.containers.update(
    {
      container: {
        id,
        labels: { ...labels },
        extensions: { [EXTENSION.container]: packJson(EXTENSION_TYPE.container, stored) },
        ...(spec === undefined ? {} : { spec }),
      },
      updateMask: {
        paths: [
          ...Object.keys(labels).map((key) => `labels.${key}`),
          `extensions.${EXTENSION.container}`,
          ...(spec === undefined ? [] : ["spec"]),
        ],
      },
    },
    options,
  );
}

function recordLabels(context: RuntimeContext, stored: StoredContainer): Record<string, string> {
  const { meta, config } = stored;
  const ports = (config.portMappings ?? []).map((port) => `${String(port.hostPort)}:${String(port.containerPort)}`);
  return Object.fromEntries([
    ...Object.entries(meta.labels),
    [LABEL.name, meta.name],
    [LABEL.legacyName, meta.name],
    [LABEL.revision, String(meta.revision)],
    [LABEL.created, meta.created.toISOString()],
    [LABEL.updated, meta.updated.toISOString()],
    [LABEL.namespace, context.namespace],
    [LABEL.phase, "creating"],
    [LABEL.instance, context.host.processes.self],
    ...(isSupervised(stored) ? [[LABEL.supervised, "true"] as const] : []),
    ...(ports.length === 0 ? [] : [[LABEL.ports, ports.join(",").slice(0, 1024)] as const]),
  ]);
}

function parseRecord(message: Message): ContainerRecord | undefined {
  const { id, labels, extensions, spec } = message;
  const name = labels[LABEL.name];
  // The name becomes a folder that is removed with all in it: a label of somebody else's must not lead anywhere.
  if (!isContainerName(name) || !isId(id)) return undefined;
  const read = (key: keyof typeof EXTENSION): unknown => readAny(EXTENSION_TYPE[key], extensions[EXTENSION[key]]);
  const network = parseNetworkRecord(read("network"));
  return {
    id,
    name,
    image: message.image,
    labels,
    phase: parseRecordPhase(labels[LABEL.phase]),
    instance: labels[LABEL.instance],
    snapshotter: message.snapshotter,
    snapshotKey: message.snapshotKey,
    stored: () => parseStored(read("container"), id),
    spec: () => readAny(SPEC_TYPE, spec),
    exit: ofThisLife(parseExit(read("exit")), network),
    supervised: labels[LABEL.supervised] === "true",
    stopped: labels[LABEL.stopped] === "true",
    restart: parseRestart(read("restart")),
    health: parseHealth(read("health")),
    network,
  };
}

function readAny(type: string, any: Message["spec"]): unknown {
  try {
    return any === undefined ? undefined : unpackJson(type, any);
  } catch {
    // Not JSON any more. One damaged record must not hide the others; what depends on it says so when it is asked.
    return undefined;
  }
}

/** An exit from before the last start is that of an earlier life, written down by somebody who came late. */
function ofThisLife(exit: ExitRecord | undefined, { startedAt }: NetworkRecord): ExitRecord | undefined {
  if (exit?.exitedAt === undefined || startedAt === undefined) return exit;
  return exit.exitedAt < new Date(startedAt) ? undefined : exit;
}
