import type { ContainerConfig, IdMapping } from "@voiyd/runtime-api";
import type { Linux, NamespaceType, SpecIdMapping } from "./oci.js";

export type SpecNetwork = { readonly kind: "host" | "none" } | { readonly kind: "joined"; readonly path: string };

/** The namespace files of the containers that are joined, as `/proc/<pid>/ns/ipc`. */
export type JoinedNamespaces = Readonly<Partial<Record<NamespaceType, string>>>;

/** What of the kernel a container has for itself (`namespaces(7)`): what is not listed is shared with the host. */
export function namespaces(
  config: ContainerConfig,
  host: { readonly cgroupVersion: 1 | 2 },
  network: SpecNetwork,
  joined: JoinedNamespaces,
): Linux["namespaces"] {
  const { pid = "private", ipc = "private", uts = "private", user = "host" } = config.namespaces ?? {};
  const cgroup =
    config.namespaces?.cgroup ?? (host.cgroupVersion === 2 && config.privileged !== true ? "private" : "host");
  return [
    ...namespace("pid", pid, joined),
    ...namespace("ipc", ipc, joined),
    ...namespace("uts", uts, joined),
    { type: "mount" },
    ...networkNamespace(network),
    ...namespace("cgroup", cgroup, joined),
    ...namespace("user", user === "host" ? "host" : "private", joined),
  ];
}

function namespace(type: NamespaceType, mode: string, joined: JoinedNamespaces): Linux["namespaces"] {
  if (mode === "host") return [];
  const path = joined[type];
  return [path === undefined ? { type } : { type, path }];
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

/** The two tables of a user namespace; nothing without one. */
export function idMappings(config: ContainerConfig): Pick<Linux, "uidMappings" | "gidMappings"> {
  const { user = "host" } = config.namespaces ?? {};
  return user === "host" ? {} : { uidMappings: user.uids.map(idMapping), gidMappings: user.gids.map(idMapping) };
}

function idMapping({ containerId, hostId, size }: IdMapping): SpecIdMapping {
  return { containerID: containerId, hostID: hostId, size };
}
