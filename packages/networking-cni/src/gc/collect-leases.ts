import { rm } from "node:fs/promises";
import { join } from "node:path";
import { leaseDirs, readLeases, type Lease } from "../ipam/host-local-leases.js";
import { goesWithStale, type Collection } from "./collect.js";

/** Frees the addresses that `host-local` gave to attachments that nobody knows any more. */
export async function collectLeases(collection: Collection): Promise<void> {
  const { parts, lists, dryRun, signal, findings } = collection;
  for (const list of lists) {
    const isStale = (lease: Lease): boolean => !isLeaseInUse(collection, lease, list.name);
    for (const dir of leaseDirs(list)) {
      const found = (await readLeases(dir)).filter(isStale);
      if (found.length === 0) continue;
      // The plugins of other programs work on the same folder: what is removed is read again under their lock.
      const free = async (): Promise<readonly Lease[]> => {
        const stale = (await readLeases(dir)).filter(isStale);
        await Promise.all(stale.map(({ address }) => rm(join(dir, address), { force: true })));
        return stale;
      };
      const freed = dryRun ? found : await parts.fileLock(join(dir, "lock"), free, signal);
      for (const { address, containerId } of freed) {
        if (!dryRun || !goesWithStale(collection, containerId, list.name)) {
          findings.leases.push({ network: list.name, address, containerId });
        }
      }
    }
  }
}

/** Very old plugins wrote no interface. */
function isLeaseInUse({ valid, kept }: Collection, { containerId, ifName }: Lease, network: string): boolean {
  if (ifName === "" ? valid.hasContainer(containerId) : valid.has({ containerId, ifName })) return true;
  return kept.some(
    (record) =>
      record.networkName === network &&
      record.containerId === containerId &&
      (ifName === "" || record.ifName === ifName),
  );
}
