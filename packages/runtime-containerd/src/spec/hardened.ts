import type { ContainerConfig } from "@voiyd/runtime-api";

/** Of Docker's fourteen, what a server that gives up its root rights still needs: no device nodes, raw sockets, chroot or audit. */
const CAPABILITIES: readonly string[] = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETPCAP",
  "SETUID",
];
const PROCESSES = 512;
const MEMORY = 1024 * 1024 * 1024;

/** The configuration with everything that `hardened` stands for written out. What it says itself counts more. */
export function withPreset(config: ContainerConfig): ContainerConfig {
  if (config.hardened !== true) return config;
  const { capabilities = {}, resources = {}, namespaces = {} } = config;
  return {
    ...config,
    readOnlyRootfs: config.readOnlyRootfs ?? true,
    noNewPrivileges: config.noNewPrivileges ?? true,
    capabilities: {
      ...capabilities,
      drop: ["ALL", ...(capabilities.drop ?? [])],
      add: [...CAPABILITIES.filter(isKept(capabilities.drop)), ...(capabilities.add ?? [])],
    },
    resources: {
      ...resources,
      pids: resources.pids ?? PROCESSES,
      memory: resources.memory ?? Math.max(MEMORY, resources.memoryReservation ?? 0),
    },
    namespaces: { ...namespaces, cgroup: namespaces.cgroup ?? "private" },
  };
}

function isKept(drop: readonly string[] | undefined): (name: string) => boolean {
  const dropped = new Set((drop ?? []).map((name) => name.toUpperCase().replace(/^CAP_/, "")));
  return (name) => !dropped.has("ALL") && !dropped.has(name);
}
