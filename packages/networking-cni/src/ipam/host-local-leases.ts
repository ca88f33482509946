import { readdir, readFile, rm } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import { errorCode } from "../plugin/error-code.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { objectAt, stringAt } from "../protocol/json.js";
import type { AttachmentKey } from "../protocol/request.js";

/** An address that `host-local` has given out. */
export interface Lease {
  readonly dir: string;
  readonly address: string;
  readonly containerId: string;
  /** Empty in files of very old plugins. */
  readonly ifName: string;
}

const DEFAULT_DATA_DIR = "/var/lib/cni/networks";

/** The folders in which `host-local` keeps the addresses of a network, one for each plugin of the list that uses it. */
export function leaseDirs(list: Pick<NetworkConfigList, "name" | "plugins">): readonly string[] {
  const users = list.plugins.filter(({ ipamType }) => ipamType === "host-local");
  return users.map(({ config }) =>
    join(stringAt(objectAt(config, "ipam") ?? {}, "dataDir") || DEFAULT_DATA_DIR, list.name),
  );
}

/** The addresses that are given out in a folder, or those of `only` that are. */
export async function readLeases(dir: string, only?: readonly string[]): Promise<readonly Lease[]> {
  // Besides the addresses there are `lock` and `last_reserved_ip.<range>`, which are nobody's.
  const addresses = (only ?? (await names(dir))).filter((name) => isIP(name) !== 0);
  const leases = await Promise.all(addresses.map((address) => readLease(dir, address)));
  return leases.flat();
}

/** Frees the addresses of an attachment; resolves with them. `only` spares reading all the others. */
export async function freeLeases(
  dir: string,
  owner: AttachmentKey,
  only?: readonly string[],
): Promise<readonly string[]> {
  const own = (await readLeases(dir, only)).filter((lease) => isLeaseOf(lease, owner));
  await Promise.all(own.map(({ address }) => rm(join(dir, address), { force: true })));
  return own.map(({ address }) => address);
}

/** Whether an address was given out to the attachment. */
export function isLeaseOf({ containerId, ifName }: Lease, owner: AttachmentKey): boolean {
  return containerId === owner.containerId && (ifName === "" || ifName === owner.ifName);
}

/** A lease holds the container id and, on a line of its own, the interface. */
async function readLease(dir: string, address: string): Promise<readonly Lease[]> {
  try {
    const [containerId = "", ifName = ""] = (await readFile(join(dir, address), "utf8")).trim().split(/\r?\n/);
    return [{ dir, address, containerId: containerId.trim(), ifName: ifName.trim() }];
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

async function names(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}
