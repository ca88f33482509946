import type { ContainerConfig, ID } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import { ambientCapabilities, capabilitySets, effectiveCapabilities } from "./capability-sets.js";
import { applyCdiEdits, type CdiEdits } from "./cdi/apply-edits.js";
import { cgroupsPath, type CgroupDriver } from "./cgroup-path.js";
import { commandLine } from "./command-line.js";
import { defaultMounts } from "./default-mounts.js";
import { deviceNodes, deviceRules, type GrantedDevice } from "./devices.js";
import { environment } from "./environment.js";
import { specNames } from "./hostname.js";
import { initMount, withInit } from "./init.js";
import { idMappings, type JoinedNamespaces, namespaces, type SpecNetwork } from "./namespaces.js";
import type { DeviceNumbers, Linux, LinuxDevice, Process, Spec, SpecMount, SpecUser } from "./oci.js";
import { MASKED_PATHS, READONLY_PATHS } from "./paths.js";
import { linuxLimits } from "./resources.js";
import { rlimits } from "./rlimits.js";
import { chooseSeccomp } from "./seccomp/choose-profile.js";
import { type SelinuxLabels, selinuxLabels } from "./selinux.js";
import { sysctls } from "./sysctls.js";
import { rootPropagation, userMounts } from "./user-mounts.js";
import { withPreset } from "./hardened.js";
import { workingDirectory } from "./working-directory.js";

export type { SpecNetwork } from "./namespaces.js";

export interface SpecInput {
  readonly id: ID;
  readonly namespace: string;
  readonly config: ContainerConfig;
  readonly image: {
    readonly env: readonly string[];
    readonly entrypoint?: readonly string[] | undefined;
    readonly cmd?: readonly string[] | undefined;
    readonly workingDir?: string | undefined;
  };
  readonly host: HostFacts;
  readonly user: SpecUser;
  readonly hostname: string;
  readonly network: SpecNetwork;
  /** Mounts that the runtime itself adds: the files for names and addresses. */
  readonly ownMounts: readonly SpecMount[];
  /** The host's devices; looked up for a privileged container only. */
  readonly devices: readonly LinuxDevice[];
  /** What was found out on the host about this request. */
  readonly found?: RequestFacts;
}

/** What the host has of the things that a request names. Everything has a default that names nothing. */
export interface RequestFacts {
  readonly cgroupDriver?: CgroupDriver;
  readonly devices?: readonly GrantedDevice[];
  readonly blockDevices?: ReadonlyMap<string, DeviceNumbers>;
  readonly cdi?: readonly CdiEdits[];
  readonly joined?: JoinedNamespaces;
  /** The host's folder that is the container's `/dev/shm`. */
  readonly shm?: string;
  /** The init binary on the host. */
  readonly init?: string;
  /** Host folders by their destination in the container. */
  readonly volumes?: ReadonlyMap<string, string>;
  /** The profile that is loaded and to be put on. */
  readonly apparmorProfile?: string;
  readonly recursiveReadOnly?: boolean;
  /** What is mounted in containers whose volumes are asked for. */
  readonly shared?: readonly SpecMount[];
}

/** The OCI runtime specification of a container: a pure function of what was asked for, the image and the host. */
export function buildSpec(input: SpecInput): Spec {
  const config = withPreset(input.config);
  const found = input.found ?? {};
  const labels = selinuxLabels(config, input.id, input.host);
  const capabilities = effectiveCapabilities({
    capabilities: config.capabilities,
    privileged: config.privileged ?? false,
    bounding: input.host.boundingCapabilities,
  });
  const spec: Spec = {
    ociVersion: "1.0.2",
    process: processPart(input, config, capabilities, labels),
    root: { path: "rootfs", readonly: config.readOnlyRootfs ?? false },
    ...specNames(config, input.hostname),
    mounts: mounts(input, config, found),
    ...(config.annotations === undefined ? {} : { annotations: config.annotations }),
    linux: linuxPart(input, config, capabilities, labels),
  };
  return applyCdiEdits(spec, found.cdi ?? []);
}

function processPart(
  input: SpecInput,
  config: ContainerConfig,
  capabilities: readonly string[],
  labels: SelinuxLabels | undefined,
): Process {
  const { image, found = {} } = input;
  const ambient = ambientCapabilities(config.capabilities, capabilities);
  const limits = rlimits(config.ulimits ?? []);
  return {
    ...(config.tty === true ? { terminal: true } : {}),
    user: { ...input.user, ...(config.umask === undefined ? {} : { umask: config.umask }) },
    args: withInit(commandLine(config, image), found.init),
    env: environment(config, image.env, input.hostname),
    cwd: workingDirectory(config, image.workingDir),
    capabilities: capabilitySets(capabilities, ambient, input.user.uid === 0),
    ...(limits.length === 0 ? {} : { rlimits: limits }),
    noNewPrivileges: config.noNewPrivileges ?? config.privileged !== true,
    ...(found.apparmorProfile === undefined ? {} : { apparmorProfile: found.apparmorProfile }),
    // Said always: what is inherited is the shim's. No less than ours, so that the host does not lose the runtime first.
    oomScoreAdj: config.oomScoreAdj ?? Math.max(0, input.host.oomScoreAdj ?? 0),
    ...(labels === undefined ? {} : { selinuxLabel: labels.process }),
  };
}

/** The runtime's own first, then the user's; what the user mounts takes the place of what would be there. */
function mounts(input: SpecInput, config: ContainerConfig, found: RequestFacts): readonly SpecMount[] {
  const wanted = userMounts(config.mounts ?? [], found);
  const taken = new Set(wanted.map((mount) => mount.destination));
  const own = defaultMounts({
    privileged: config.privileged ?? false,
    cgroupVersion: input.host.cgroupVersion,
    writableCgroups: config.writableCgroups,
    shmSize: config.shmSize,
    shm: config.namespaces?.ipc === "none" ? false : found.shm,
    foreignNetwork: isForeign(input.network, config),
  });
  return [...own, ...input.ownMounts, ...initMount(found.init)]
    .filter((mount) => !taken.has(mount.destination))
    .concat(wanted);
}

function linuxPart(
  input: SpecInput,
  config: ContainerConfig,
  capabilities: readonly string[],
  labels: SelinuxLabels | undefined,
): Linux {
  const { host, network, found = {} } = input;
  const { privileged = false } = config;
  const granted = found.devices ?? [];
  const nodes = deviceNodes(config, input.devices, granted);
  const settings = sysctls(config, {
    owned: network.kind !== "host" && config.network?.startsWith("container:") !== true,
    foreign: isForeign(input.network, config),
  });
  const seccomp = chooseSeccomp(config, host, capabilities);
  const propagation = rootPropagation(config.mounts ?? [], found.shared);
  const { maskedPaths = privileged ? [] : MASKED_PATHS, readonlyPaths = privileged ? [] : READONLY_PATHS } = config;
  return {
    namespaces: namespaces(config, host, network, found.joined ?? {}),
    ...idMappings(config),
    cgroupsPath: cgroupsPath({
      driver: found.cgroupDriver ?? "cgroupfs",
      namespace: input.namespace,
      id: input.id,
      parent: config.cgroupParent,
    }),
    resources: {
      devices: deviceRules(privileged, granted, config.deviceCgroupRules),
      ...linuxLimits(config.resources ?? {}, {
        countsSwap: host.cgroupFeatures?.has("swap") ?? true,
        ...(found.blockDevices === undefined ? {} : { blockDevices: found.blockDevices }),
      }),
    },
    ...(nodes.length === 0 ? {} : { devices: nodes }),
    ...(Object.keys(settings).length === 0 ? {} : { sysctl: settings }),
    ...(maskedPaths.length === 0 ? {} : { maskedPaths }),
    ...(readonlyPaths.length === 0 ? {} : { readonlyPaths }),
    ...(seccomp === undefined ? {} : { seccomp }),
    ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
    ...(labels === undefined ? {} : { mountLabel: labels.mount }),
  };
}

/** A network that is set up before the container belongs to the host's user namespace. */
function isForeign(network: SpecNetwork, config: ContainerConfig): boolean {
  return network.kind === "joined" && (config.namespaces?.user ?? "host") !== "host";
}
