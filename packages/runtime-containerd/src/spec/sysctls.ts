import type { ContainerConfig } from "@voiyd/runtime-api";

/** As Docker does: inside a namespace of its own, a process needs no privilege for a low port or for ping. */
const OF_THE_NETWORK: Readonly<Record<string, string>> = {
  "net.ipv4.ip_unprivileged_port_start": "0",
  "net.ipv4.ping_group_range": "0 2147483647",
};

/**
 * The kernel settings of a container: some of its own network namespace, and what was asked for. A shared namespace's
 * must not be touched, and a foreign one's, which belongs to another user namespace than the container, cannot be.
 */
export function sysctls(
  config: ContainerConfig,
  network: { readonly owned: boolean; readonly foreign?: boolean },
): Readonly<Record<string, string>> {
  const userNamespace = config.namespaces?.user !== undefined && config.namespaces.user !== "host";
  const defaults = network.owned && network.foreign !== true ? Object.entries(OF_THE_NETWORK) : [];
  return Object.fromEntries([
    // The specification's own field for it came with version 1.1, which not every OCI runtime reads.
    ...(config.domainname === undefined ? [] : [["kernel.domainname", config.domainname] as const]),
    // A group that a user namespace has no number for cannot be named in it.
    ...defaults.filter(([name]) => !userNamespace || name !== "net.ipv4.ping_group_range"),
    ...Object.entries(config.sysctls ?? {}).map(([name, value]) => [name.replaceAll("/", "."), value] as const),
  ]);
}
