import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { orIfAbsent } from "../process/error-code.js";
import { hostPaths } from "./host-paths.js";
import { isOwnerAlive, type Owner, readOwner } from "./owner.js";

/** Where private hosts are made unless a folder is named. Short, because sockets lie in it. */
export const HOSTS_FOLDER = "/tmp";
export const HOST_PREFIX = "voiyd-host-";

export interface KnownHost {
  readonly directory: string;
  readonly owner: Owner | undefined;
  readonly state: "alive" | "dead" | "unclear";
}

/** A folder without a mark may belong to a process that is about to write it; after this time it is a dead one's. */
const UNMARKED_GRACE_MS = 10 * 60_000;

export async function inspectHost(directory: string): Promise<KnownHost> {
  const owner = await readOwner(hostPaths(directory).ownerFile);
  if (owner !== undefined) return { directory, owner, state: (await isOwnerAlive(owner)) ? "alive" : "dead" };
  const facts = await orIfAbsent(stat(directory), undefined);
  const old = facts !== undefined && Date.now() - facts.mtimeMs > UNMARKED_GRACE_MS;
  return { directory, owner, state: old ? "dead" : "unclear" };
}

/** The private hosts on this machine, of living and of dead processes. Those in folders of their own choice are not known. */
export async function listKnownHosts(folder: string = HOSTS_FOLDER): Promise<KnownHost[]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(HOST_PREFIX));
  return Promise.all(names.map((name) => inspectHost(join(folder, name))));
}
