import { createHash } from "node:crypto";
import { namedOwners } from "../firewall/garbage-rules.js";
import type { Collection } from "./collect.js";

/** Length of an interface's name, as the bandwidth plugin forms it. */
const NAME_LENGTH = 15;

/**
 * Removes the interfaces that the bandwidth plugin made for attachments that are known to be stale. Their names are
 * digests: one that belongs to nobody we know of may be another program's.
 */
export async function collectInterfaces({ parts, stale, dryRun, signal, findings }: Collection): Promise<void> {
  const gone = [
    ...stale.map(({ networkName, containerId }) => ({ network: networkName, containerId })),
    ...findings.leases,
    ...namedOwners([{ name: "", chains: new Set(), rules: findings.rules }]),
  ];
  if (gone.length === 0) return;
  const wanted = new Set(gone.map(({ network, containerId }) => bandwidthInterface(network, containerId)));
  const present = (await parts.links.names("ifb", signal)).filter((name) => wanted.has(name));
  const own = new Set(stale.map(({ networkName, containerId }) => bandwidthInterface(networkName, containerId)));
  for (const name of present) {
    if (!dryRun) await parts.links.remove(name, signal);
    if (!dryRun || !own.has(name)) findings.interfaces.push(name);
  }
}

/** `bwp` and the digest of network and container, as for chains. */
export function bandwidthInterface(network: string, containerId: string): string {
  const digest = createHash("sha512").update(`${network}${containerId}`).digest("hex");
  return `bwp${digest}`.slice(0, NAME_LENGTH);
}
