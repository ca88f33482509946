import { CAPABILITY_NAMES, type ContainerConfig, generateId, isRuntimeError } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import { assertHostCan } from "../request/check-host.js";
import type { RequestFacts, SpecInput } from "../spec/build-spec.js";
import { encodeSpec } from "../spec/encode-spec.js";
import type { Spec } from "../spec/oci.js";
import { buildSpec } from "./checked-spec.js";

/** Every capability that there is. */
export const ALL = (1n << BigInt(CAPABILITY_NAMES.length)) - 1n;
export const SYS_RESOURCE = 1n << 24n;
/** A host with control groups v1, that has most of what can be asked for. */
export const HOST: HostFacts = {
  architecture: "x64",
  cgroupVersion: 1,
  kernel: { major: 6, minor: 1 },
  memory: 2 ** 30,
  bootId: "b",
  boundingCapabilities: ALL,
  cgroupRoots: [],
  cpus: 2,
  onlineCpus: "0-1",
  onlineMems: "0",
  maxOpenFiles: 1_048_576,
  hardLimits: { nofile: 20_000, nproc: 96_365, core: -1 },
  oomScoreAdj: 0,
  apparmor: false,
  selinux: false,
  cgroupFeatures: new Set([
    "memory",
    "swap",
    "swappiness",
    "oom-control",
    "cpu",
    "cpu-quota",
    "cpuset",
    "pids",
    "block",
  ]),
};
export const ID = generateId();

/** The specification of a small image on {@link HOST}. */
export function build(config: Partial<ContainerConfig>, found: RequestFacts = {}, more: Partial<SpecInput> = {}): Spec {
  const spec = buildSpec({
    id: ID,
    namespace: "voiyd",
    config: { image: "app", ...config },
    image: { env: [], cmd: ["serve"] },
    host: HOST,
    user: { uid: 0, gid: 0, additionalGids: [0] },
    hostname: "web",
    network: { kind: "none" },
    ownMounts: [],
    devices: [],
    found,
    ...more,
  });
  return spec;
}

/** The option that the host's check names, or `accepted`. */
export function check(
  config: Partial<ContainerConfig>,
  host: Partial<HostFacts> = {},
  driver: "cgroupfs" | "systemd" = "cgroupfs",
): unknown {
  try {
    assertHostCan({ image: "app", ...config }, { ...HOST, ...host }, { driver, namespace: "voiyd" });
    return "accepted";
  } catch (error) {
    return isRuntimeError(error, "INVALID_ARGUMENT") ? error.details["option"] : error;
  }
}

/** A part of a specification by its path, as `linux.resources.cpu`. */
export function part(spec: Spec, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      JSON.parse(encodeSpec(spec)),
    );
}
