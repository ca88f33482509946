import { type ContainerConfig, invalid, isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { type ContainerRecord, readSpec } from "../container/container-store.js";
import { isRecord } from "../container/json.js";
import { getRecord } from "../container/lookup.js";
import type { RuntimeContext } from "../context.js";
import type { SpecMount } from "../spec/oci.js";
import { describeOwner } from "../volume/give-to.js";

type Options = { signal?: AbortSignal };

/**
 * The folders and volumes of other containers that a request asks for, as they are mounted there; of the same path the
 * first container's. Throws `INVALID_ARGUMENT` for a container that is not there, `FAILED_PRECONDITION` for one of other ids.
 */
export async function sharedMounts(
  context: RuntimeContext,
  config: ContainerConfig,
  options: Options,
): Promise<readonly SpecMount[]> {
  const found = new Map<string, SpecMount>();
  for (const [index, { container, readOnly = false }] of (config.volumesFrom ?? []).entries()) {
    const record = await findSource(context, `volumesFrom[${String(index)}].container`, container, options);
    const { config: theirs } = record.stored();
    if (!readOnly) assertSameIds(config, theirs, `volumesFrom[${String(index)}]`);
    for (const mount of userMountsOf(await readSpec(context, record.id, options), theirs, context.stateDir)) {
      if (!found.has(mount.destination)) found.set(mount.destination, readOnly ? asReadOnly(mount) : mount);
    }
  }
  return [...found.values()];
}

/**
 * A container with a user namespace could not write to what has other ids. Root of the host can, whatever they are.
 * Throws `FAILED_PRECONDITION`.
 */
export function assertSameIds(ours: ContainerConfig, theirs: ContainerConfig, option: string): void {
  const { user = "host" } = ours.namespaces ?? {};
  if (user === "host" || describeOwner(user) === describeOwner(theirs.namespaces?.user ?? "host")) return;
  throw new RuntimeError(
    "FAILED_PRECONDITION",
    `${option}: the files of that container have other ids than this container's user namespace, which cannot write to them`,
    { hint: "use the same namespaces.user, or readOnly", details: { option } },
  );
}

async function findSource(
  context: RuntimeContext,
  option: string,
  container: string,
  options: Options,
): Promise<ContainerRecord> {
  try {
    return await getRecord(context, container, options);
  } catch (error) {
    if (!isRuntimeError(error, "NOT_FOUND")) throw error;
    throw invalid(option, container, "the name or id of a container");
  }
}

/** What the runtime itself puts into every container: for names, addresses, shared memory and the first process. */
const OWN: ReadonlySet<string> = new Set([
  "/etc/hosts",
  "/etc/hostname",
  "/etc/resolv.conf",
  "/dev/shm",
  "/sbin/voiyd-init",
]);

/** The binds of a specification that the container's request or its image asked for, further volumes of others included. */
export function userMountsOf(spec: unknown, config: ContainerConfig, stateDir: string): readonly SpecMount[] {
  const asked = new Set((config.mounts ?? []).map(({ destination }) => destination));
  // What a device's own files mount goes with the device, and not with the volumes.
  const hasCdi = (config.devices ?? []).some((device) => "cdi" in device);
  return readMounts(spec).filter(({ type, destination, source }) => {
    if (type !== "bind") return false;
    if (asked.has(destination)) return true;
    if (OWN.has(destination)) return false;
    return !hasCdi || source.startsWith(`${stateDir}/`);
  });
}

/** What the runtime itself has mounted without being asked: the kernel's file systems, and files about the container. */
export function ownMountsOf(spec: unknown, config: ContainerConfig, stateDir: string): readonly SpecMount[] {
  const others = [...(config.mounts ?? []), ...userMountsOf(spec, config, stateDir)];
  const asked = new Set(others.map(({ destination }) => destination));
  return readMounts(spec).filter(({ destination }) => !asked.has(destination));
}

function readMounts(spec: unknown): readonly SpecMount[] {
  const mounts = isRecord(spec) ? spec["mounts"] : undefined;
  return Array.isArray(mounts) ? mounts.filter(isMount) : [];
}

function isMount(value: unknown): value is SpecMount {
  if (!isRecord(value)) return false;
  const { destination, type, source, options } = value;
  return (
    [destination, type, source].every((text) => typeof text === "string") &&
    Array.isArray(options) &&
    options.every((option) => typeof option === "string")
  );
}

function asReadOnly(mount: SpecMount): SpecMount {
  return { ...mount, options: mount.options.map((option) => (option === "rw" ? "ro" : option)) };
}
