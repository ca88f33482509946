import { join } from "node:path";
import type { ContainerConfig, ID } from "@voiyd/runtime-api";
import { hostId, type RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import type { SpecMount } from "../spec/oci.js";
import { hostsFile } from "./hosts-file.js";
import { hasReachableServer, resolvConf } from "./resolv-conf.js";

/** The folder for what a container needs of the host beside its snapshot. Its path follows from the id. */
export function stateDirectory(context: RuntimeContext, id: string): string {
  return join(context.stateDir, hostId(context, id));
}

/** Who a container is, for its name files. */
export interface NamedContainer {
  readonly id: ID;
  readonly hostname: string;
  readonly config: ContainerConfig;
}

/** The files by which a container knows its own name and its name servers, as Docker writes them. */
export async function createNameFiles(context: RuntimeContext, container: NamedContainer): Promise<void> {
  const { id, hostname, config } = container;
  const directory = stateDirectory(context, id);
  const { files } = context.host;
  await files.makePrivateDirectory(directory);
  const keepsLocal = config.network === "host";
  const servers = await hostResolvConf(context, keepsLocal);
  await Promise.all([
    files.writeInPlace(join(directory, "hostname"), `${hostname}\n`, 0o644),
    files.writeInPlace(join(directory, "resolv.conf"), resolvConf(servers, config.dns ?? {}, { keepsLocal }), 0o644),
  ]);
}

/**
 * The container's hosts file, without its addresses: those, and the names of its neighbours, are the network manager's to
 * add. Resolves with its path.
 */
export async function createHostsFile(context: RuntimeContext, container: NamedContainer): Promise<string> {
  const directory = stateDirectory(context, container.id);
  const path = join(directory, "hosts");
  await context.host.files.makePrivateDirectory(directory);
  await context.host.files.writeInPlace(path, hostsText(container), 0o644);
  return path;
}

/** Left out where the user mounts a file of his own at the same place. */
export function nameMounts(context: RuntimeContext, id: ID, config: ContainerConfig): readonly SpecMount[] {
  const taken = new Set((config.mounts ?? []).map((mount) => mount.destination));
  const access = config.readOnlyRootfs === true ? "ro" : "rw";
  return ["hostname", "hosts", "resolv.conf"]
    .map((name) => ({
      destination: `/etc/${name}`,
      type: "bind",
      source: join(stateDirectory(context, id), name),
      options: ["rbind", access, "rprivate"],
    }))
    .filter((mount) => !taken.has(mount.destination));
}

function hostsText({ hostname, config }: NamedContainer): string {
  return hostsFile({
    hostname: config.namespaces?.uts === "host" && config.network !== "host" ? hostname : undefined,
    extraHosts: config.extraHosts ?? [],
    gateway: config.network === "host" ? "127.0.0.1" : undefined,
  });
}

/** Where systemd-resolved is the host's own name server, its file of uplink servers is taken. */
async function hostResolvConf(context: RuntimeContext, keepsLocal: boolean): Promise<string> {
  const own = await readIfThere(context, "/etc/resolv.conf");
  if (keepsLocal || hasReachableServer(own)) return own;
  const uplink = await readIfThere(context, "/run/systemd/resolve/resolv.conf");
  return hasReachableServer(uplink) ? uplink : own;
}

async function readIfThere(context: RuntimeContext, path: string): Promise<string> {
  try {
    return await context.host.files.read(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "EACCES")) return "";
    throw error;
  }
}
