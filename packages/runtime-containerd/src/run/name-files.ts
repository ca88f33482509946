import { join } from "node:path";
import type { ContainerConfig, ID } from "@voiyd/runtime-api";
import { hostId, type RuntimeContext } from "../context.js";
import type { SpecMount } from "../spec/oci.js";
import { hasCode } from "../host/file-store.js";

/** The folder for what a container needs of the host beside its snapshot. Its path follows from the id. */
export function stateDirectory(context: RuntimeContext, id: string): string {
  return join(context.stateDir, hostId(context, id));
}

/** The files by which a container knows its own name, its neighbours and its name servers, as Docker writes them. */
export async function createNameFiles(context: RuntimeContext, id: ID, hostname: string): Promise<void> {
  const directory = stateDirectory(context, id);
  const { files } = context.host;
  await files.makePrivateDirectory(directory);
  await Promise.all([
    files.writeInPlace(join(directory, "hostname"), `${hostname}\n`, 0o644),
    files.writeInPlace(join(directory, "hosts"), hostsFile(hostname, undefined), 0o644),
    files.writeInPlace(join(directory, "resolv.conf"), await resolvConf(context), 0o644),
  ]);
}

/** Adds the container's address to its hosts file, once it is known. In place: the file is mounted already. */
export async function writeAddress(context: RuntimeContext, id: ID, hostname: string, address: string): Promise<void> {
  const path = join(stateDirectory(context, id), "hosts");
  await context.host.files.writeInPlace(path, hostsFile(hostname, address), 0o644);
}

/** Left out where the user mounts a file of his own at the same place. */
export function nameMounts(context: RuntimeContext, id: ID, config: ContainerConfig): readonly SpecMount[] {
  const taken = new Set((config.mounts ?? []).map((mount) => mount.destination));
  return ["hostname", "hosts", "resolv.conf"]
    .map((name) => ({
      destination: `/etc/${name}`,
      type: "bind",
      source: join(stateDirectory(context, id), name),
      options: ["rbind", "rw", "rprivate"],
    }))
    .filter((mount) => !taken.has(mount.destination));
}

function hostsFile(hostname: string, address: string | undefined): string {
  return [
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "ff00::0\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
    ...(address === undefined ? [] : [`${address}\t${hostname}`]),
    "",
  ].join("\n");
}

/**
 * The host's resolv.conf, without the name servers that only the host can reach. Where systemd-resolved is the host's
 * own server, its file of uplink servers is taken.
 */
async function resolvConf(context: RuntimeContext): Promise<string> {
  for (const path of ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]) {
    const text = await readIfThere(context, path);
    const lines = text.split("\n").filter((line) => !/^\s*nameserver\s+(127\.|::1\s*$)/.test(line));
    if (lines.some((line) => /^\s*nameserver\s/.test(line))) return lines.join("\n");
  }
  return "";
}

async function readIfThere(context: RuntimeContext, path: string): Promise<string> {
  try {
    return await context.host.files.read(path);
  } catch (error) {
    if (hasCode(error, "ENOENT", "EACCES")) return "";
    throw error;
  }
}
