import {
  type Container,
  type ContainerChanges,
  assertContainerRequest,
  type Resources,
  type RestartPolicy,
} from "@voiyd/runtime-api";
import { type ContainerRecord, readRecord, writeStored } from "../container/container-store.js";
import { writeRestart } from "../container/supervision-store.js";
import { isRecord } from "../container/json.js";
import { readContainer } from "../container/read-container.js";
import { readSpec } from "../container/read-process.js";
import type { ContainerConfig } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { assertHostCan } from "../request/check-host.js";
import { findBlockDevices } from "../request/prepare-request.js";
import { encodeSpec } from "../spec/encode-spec.js";
import { withPreset } from "../spec/hardened.js";
import { linuxLimits } from "../spec/resources.js";
import { readTask } from "../task/task-state.js";
import { withContainer } from "./container-lock.js";
import { restoreLimits, withResources } from "./patch-spec.js";
import { changed } from "./rename-container.js";

type Options = { signal?: AbortSignal };
type Limits = ReturnType<typeof linuxLimits>;

const RESOURCES_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

/** Changes a container's labels and limits: the kernel is asked first, so that what it refuses is not written down. */
export function updateContainer(
  context: RuntimeContext,
  id: string,
  changes: ContainerChanges,
  options: Options,
): Promise<Container> {
  return withContainer(context, id, options, async (record) => {
    const stored = record.stored();
    const labels = mergedLabels(stored.meta.labels, changes.labels ?? {});
    const config = withChanges(stored.config, changes);
    assertContainerRequest({ meta: { name: record.name, labels }, config });
    const next = changed({ ...stored, config }, { labels });
    if (changes.restartPolicy !== undefined) await staysDown(context, record, changes.restartPolicy, options);
    const shown = Object.fromEntries(Object.entries(changes.labels ?? {}).map(([key, value]) => [key, value ?? ""]));
    if (changes.resources === undefined) {
      await writeStored(context, id, next, { labels: shown }, options);
    } else {
      const limits = await limitsOf(context, config);
      const spec = await readSpec(context, id, options);
      const process = isRecord(spec["process"]) ? { process: restoreLimits(spec["process"]) } : {};
      const write = (): Promise<unknown> =>
        writeStored(
          context,
          id,
          next,
          { labels: shown, spec: withResources({ ...spec, ...process }, limits) },
          options,
        );
      await applied(context, record, limits, write, options);
    }
    return readContainer(context, (await readRecord(context, id, options)) ?? record, options);
  });
}

/** A policy is for ends to come: of a container that is down it is written down that it was decided upon. */
async function staysDown(
  context: RuntimeContext,
  record: ContainerRecord,
  policy: RestartPolicy,
  options: Options,
): Promise<void> {
  const { startedAt: life } = record.network;
  const { kind } = await readTask(context, record.id, options);
  const isDown = kind === "none" || kind === "stopped";
  const isWaiting = record.restart?.life === life && policy.name !== "no";
  if (!isDown || life === undefined || isWaiting) return;
  await writeRestart(context, record.id, { life, count: record.restart?.count ?? 0, delayMs: 0 }, options);
}

function mergedLabels(
  own: Readonly<Record<string, string>>,
  changes: NonNullable<ContainerChanges["labels"]>,
): Readonly<Record<string, string>> {
  const labels = new Map(Object.entries(own));
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) labels.delete(key);
    else labels.set(key, value);
  }
  return Object.fromEntries(labels);
}

/** Three names for the same limit, which cannot stand beside each other. */
const CPU_TIME: readonly string[] = ["cpus", "cpuQuota", "cpuPeriod"];

function withChanges(config: ContainerConfig, { resources, restartPolicy }: ContainerChanges): ContainerConfig {
  return withLimits(restartPolicy === undefined ? config : { ...config, restartPolicy }, resources);
}

function withLimits(config: ContainerConfig, resources: Resources | undefined): ContainerConfig {
  if (resources === undefined) return config;
  const same = (name: string): boolean => CPU_TIME.includes(name);
  const countsAnew = Object.keys(resources).some(same);
  const own = Object.entries(config.resources ?? {}).filter(([name]) => !countsAnew || !same(name));
  return { ...config, resources: { ...Object.fromEntries(own), ...resources } };
}

async function limitsOf(context: RuntimeContext, config: ContainerConfig): Promise<Limits> {
  const { facts } = context.host;
  assertHostCan(config, facts, { driver: context.cgroupDriver, namespace: context.namespace });
  return linuxLimits(withPreset(config).resources ?? {}, {
    countsSwap: facts.cgroupFeatures?.has("swap") ?? true,
    blockDevices: await findBlockDevices(config),
  });
}

/** Applies the limits to what runs, and writes; what cannot be written down does not stay applied. */
async function applied(
  context: RuntimeContext,
  record: ContainerRecord,
  limits: Limits,
  write: () => Promise<unknown>,
  options: Options,
): Promise<void> {
  const { id } = record;
  const { kind } = await readTask(context, id, options);
  const runs = kind === "running" || kind === "paused" || kind === "created";
  if (runs) await apply(context, id, limits, options);
  try {
    await write();
  } catch (error) {
    if (runs) await apply(context, id, await limitsOf(context, record.stored().config), {});
    throw error;
  }
}

function apply(context: RuntimeContext, id: string, limits: Limits, options: Options): Promise<unknown> {
  // No limit of processes is said as such: what is left out stays as it is.
  const all = { pids: { limit: -1 }, ...limits };
  const value = new TextEncoder().encode(encodeSpec(all));
  return context.client.tasks.update({ containerId: id, resources: { typeUrl: RESOURCES_TYPE, value } }, options);
}
