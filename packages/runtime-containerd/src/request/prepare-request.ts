import { type ContainerConfig, type DeviceNode, invalid } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { inspectDevices } from "../host/devices.js";
import type { RequestFacts } from "../spec/build-spec.js";
import { findCdiDevices } from "../spec/cdi/find-cdi-devices.js";
import type { GrantedDevice } from "../spec/devices.js";
import type { DeviceNumbers } from "../spec/oci.js";
import { namedBlockDevices } from "../spec/resources.js";
import { assertReadOnlyPossible } from "../spec/user-mounts.js";
import { chooseApparmor } from "./apparmor.js";
import { assertHostCan } from "./check-host.js";
import { findInitBinary } from "./init-binary.js";
import { type Joined, joinContainers } from "./joined-containers.js";
import { sharedMounts } from "./volumes-from.js";
import { chooseRuntime, type ShimRuntime } from "./shim.js";

type Options = { signal?: AbortSignal };

/** A request, with what the host has of the things that it names. */
export interface PreparedRequest {
  readonly facts: RequestFacts;
  readonly runtime: ShimRuntime;
  readonly joined: Joined;
}

/**
 * Looks up everything that a request names, and refuses what the host cannot give, before anything is made for it.
 * Throws `INVALID_ARGUMENT`, `FAILED_PRECONDITION`.
 */
export async function prepareRequest(
  context: RuntimeContext,
  config: ContainerConfig,
  options: Options,
): Promise<PreparedRequest> {
  assertHostCan(config, context.host.facts, { driver: context.cgroupDriver, namespace: context.namespace });
  const runtime = await chooseRuntime(context, config.runtime);
  const [devices, blockDevices, cdi, joined, init, apparmorProfile, recursiveReadOnly, shared] = await Promise.all([
    findDevices(config),
    findBlockDevices(config),
    findCdiDevices((config.devices ?? []).flatMap((device) => ("cdi" in device ? [device.cdi] : []))),
    joinContainers(context, config, options),
    config.init === true ? findInitBinary() : undefined,
    chooseApparmor(context, config, options),
    canReadOnly(context, config, runtime),
    sharedMounts(context, config, options),
  ]);
  assertReadOnlyPossible(config.mounts ?? [], { recursiveReadOnly });
  return {
    runtime,
    joined,
    facts: {
      cgroupDriver: context.cgroupDriver,
      devices,
      blockDevices,
      cdi,
      joined: joined.namespaces,
      ...(joined.shm === undefined ? {} : { shm: joined.shm }),
      ...(init === undefined ? {} : { init }),
      ...(apparmorProfile === undefined ? {} : { apparmorProfile }),
      recursiveReadOnly,
      shared,
    },
  };
}

/** Asked only for a container that makes a difference of it. */
async function canReadOnly(context: RuntimeContext, config: ContainerConfig, runtime: ShimRuntime): Promise<boolean> {
  const matters = (config.mounts ?? []).some(
    (mount) => mount.type === "bind" && mount.readOnly === true && mount.readOnlyDepth !== "top",
  );
  return (
    matters &&
    runtime.shim.startsWith("io.containerd.runc.") &&
    (await context.features.recursiveReadOnly(runtime.binary ?? "runc"))
  );
}

async function findDevices(config: ContainerConfig): Promise<readonly GrantedDevice[]> {
  const found = await Promise.all(
    (config.devices ?? []).map(async (device, index) =>
      "cdi" in device ? [] : findDevice(device, `devices[${String(index)}].path`),
    ),
  );
  return found.flat();
}

async function findDevice(
  { path, destination = path, permissions = "rwm" }: DeviceNode,
  option: string,
): Promise<readonly GrantedDevice[]> {
  const { nodes, folder } = await inspectDevices(path);
  if (nodes.length === 0) throw invalid(option, path, "a device of this host, or a folder with devices");
  const base = destination.replace(/\/+$/, "");
  return nodes.map((node) => ({
    node: { ...node, path: folder === undefined ? destination : `${base}${node.path.slice(folder.length)}` },
    access: permissions,
  }));
}

/** The numbers of the block devices that limits are for. Throws `INVALID_ARGUMENT`. */
export async function findBlockDevices(config: ContainerConfig): Promise<ReadonlyMap<string, DeviceNumbers>> {
  const entries = await Promise.all(
    namedBlockDevices(config.resources?.blockIO ?? {}).map(async (path) => {
      const { nodes, folder } = await inspectDevices(path);
      const [node] = nodes;
      if (folder !== undefined || node?.type !== "b" || node.major === undefined || node.minor === undefined) {
        throw invalid("resources.blockIO", path, "made of block devices of this host");
      }
      return [path, { major: node.major, minor: node.minor }] as const;
    }),
  );
  return new Map(entries);
}
