import type { ContainerConfig, ID } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import { capabilitySets, effectiveCapabilities } from "./capability-sets.js";
import { commandLine } from "./command-line.js";
import { defaultMounts } from "./default-mounts.js";
import { deviceRules } from "./devices.js";
import { environment } from "./environment.js";
import type { Linux, LinuxDevice, Spec, SpecMount, SpecUser } from "./oci.js";
import { MASKED_PATHS, READONLY_PATHS } from "./paths.js";
import { linuxLimits } from "./resources.js";
import { defaultSeccompProfile } from "./seccomp/default-profile.js";
import { rootPropagation, userMounts } from "./user-mounts.js";

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
}

export type SpecNetwork = { readonly kind: "host" | "none" } | { readonly kind: "joined"; readonly path: string };

/** The OCI runtime specification of a container: a pure function of what was asked for, the image and the host. */
export function buildSpec(input: SpecInput): Spec {
  const { config, host, image } = input;
  const privileged = config.privileged ?? false;
  const capabilities = effectiveCapabilities({
    capabilities: config.capabilities,
    privileged,
    bounding: host.boundingCapabilities,
  });
  return {
    ociVersion: "1.0.2",
    process: {
      user: input.user,
      args: commandLine(config, image),
      env: environment(config, image.env, input.hostname),
      cwd: workingDirectory(config, image.workingDir),
      capabilities: capabilitySets(capabilities),
      noNewPrivileges: config.noNewPrivileges ?? !privileged,
    },
    root: { path: "rootfs", readonly: config.readOnlyRootfs ?? false },
    hostname: input.hostname,
    mounts: [
      ...defaultMounts({ privileged, cgroupVersion: host.cgroupVersion }),
      ...input.ownMounts,
      ...userMounts(config.mounts ?? []),
    ],
    linux: linuxPart(input, privileged, capabilities),
  };
}

function linuxPart(input: SpecInput, privileged: boolean, capabilities: readonly string[]): Linux {
  const { config, host, network } = input;
  const propagation = rootPropagation(config.mounts ?? []);
  return {
    namespaces: [
      { type: "pid" },
      { type: "ipc" },
      { type: "uts" },
      { type: "mount" },
      ...networkNamespace(network),
      ...(host.cgroupVersion === 2 ? [{ type: "cgroup" }] : []),
    ],
    cgroupsPath: `/${input.namespace}/${input.id}`,
    resources: { devices: deviceRules(privileged), ...linuxLimits(config.resources ?? {}) },
    ...(privileged ? { devices: input.devices } : {}),
    // Set per network namespace, so the host's must not be touched.
    ...(network.kind === "host" ? {} : { sysctl: NETWORK_SYSCTLS }),
    ...(privileged
      ? {}
      : {
          maskedPaths: MASKED_PATHS,
          readonlyPaths: READONLY_PATHS,
          seccomp: defaultSeccompProfile({ architecture: host.architecture, capabilities, kernel: host.kernel }),
        }),
    ...(propagation === undefined ? {} : { rootfsPropagation: propagation }),
  };
}

function networkNamespace(network: SpecNetwork): Linux["namespaces"] {
  switch (network.kind) {
    case "host":
      return [];
    case "none":
      return [{ type: "network" }];
    case "joined":
      return [{ type: "network", path: network.path }];
  }
}

/** As Docker does: inside a namespace of its own, a process needs no privilege for a low port or for ping. */
const NETWORK_SYSCTLS = {
  "net.ipv4.ip_unprivileged_port_start": "0",
  "net.ipv4.ping_group_range": "0 2147483647",
};

/** The image's working directory is a string of the image: only an absolute path is one. */
function workingDirectory(config: ContainerConfig, image: string | undefined): string {
  if (config.workingDir !== undefined) return config.workingDir;
  if (image === undefined || image === "" || image.includes("\0")) return "/";
  return image.startsWith("/") ? image : `/${image}`;
}
