import type { ContainerConfig } from "../container.js";
import type { IdMapping } from "../namespaces.js";
import { invalid } from "./invalid.js";
import { assertWhole } from "./number.js";

const CONTAINER = /^container:[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const MOST_ID = 2 ** 32 - 1;
/** `user_namespaces(7)`: the kernel takes as many lines. */
const MOST_MAPPINGS = 340;

/** Throws `INVALID_ARGUMENT` for namespaces that cannot be, and for what a shared namespace leaves no room for. */
export function assertNamespaces(config: ContainerConfig): void {
  const { pid, ipc, uts, cgroup, user } = config.namespaces ?? {};
  assertMode("pid", pid, ["private", "host"], true);
  assertMode("ipc", ipc, ["private", "shareable", "none", "host"], true);
  assertMode("uts", uts, ["private", "host"], false);
  assertMode("cgroup", cgroup, ["private", "host"], false);
  if (user !== undefined && user !== "host") {
    assertMappings("namespaces.user.uids", user.uids);
    assertMappings("namespaces.user.gids", user.gids);
    if (config.privileged === true) throw invalid("namespaces.user", "mappings", "host for a privileged container");
    for (const other of ["pid", "ipc"] as const) {
      if (config.namespaces?.[other] === "host")
        throw invalid(`namespaces.${other}`, "host", "private beside a user namespace");
    }
    if (config.network === "host") throw invalid("network", "host", "another than host beside a user namespace");
  }
  if (uts === "host") refuseNames(config, 'namespaces.uts "host"', true);
  if (config.network?.startsWith("container:") === true) {
    refuseNames(config, `network "${config.network}"`, false);
    if (config.dns !== undefined)
      throw invalid("dns", "name servers", `left out with network "${config.network}", whose they are`);
    if ((config.extraHosts ?? []).length > 0)
      throw invalid("extraHosts", "hosts", `left out with network "${config.network}", whose they are`);
  }
  if (ipc !== undefined && ipc !== "private" && ipc !== "shareable" && config.shmSize !== undefined) {
    throw invalid("shmSize", config.shmSize, `left out with namespaces.ipc "${ipc}"`);
  }
}

function assertMode(namespace: string, mode: string | undefined, modes: readonly string[], joins: boolean): void {
  if (mode === undefined || modes.includes(mode) || (joins && CONTAINER.test(mode))) return;
  throw invalid(
    `namespaces.${namespace}`,
    mode,
    `one of ${modes.join(", ")}${joins ? " or container:<name or id>" : ""}`,
  );
}

function assertMappings(option: string, mappings: readonly IdMapping[]): void {
  if (!isList(mappings) || mappings.length === 0 || mappings.length > MOST_MAPPINGS) {
    throw invalid(option, mappings, `1 to ${String(MOST_MAPPINGS)} mappings`);
  }
  for (const { containerId, hostId, size } of mappings) {
    assertWhole(`${option}.size`, size, 1, MOST_ID);
    assertWhole(`${option}.containerId`, containerId, 0, MOST_ID - size);
    assertWhole(`${option}.hostId`, hostId, 0, MOST_ID - size);
  }
  if (!mappings.some((mapping) => mapping.containerId === 0))
    throw invalid(option, mappings, "with a mapping for the id 0 in the container");
}

/** `Array.isArray` takes a list's element type away. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}

function refuseNames(config: ContainerConfig, reason: string, domainToo: boolean): void {
  if (config.hostname !== undefined)
    throw invalid("hostname", config.hostname, `left out with ${reason}, which has a name`);
  if (domainToo && config.domainname !== undefined) {
    throw invalid("domainname", config.domainname, `left out with ${reason}, which has a name`);
  }
}
