import type { Family } from "../firewall/firewall.js";
import { publishedByRules } from "../firewall/published-rules.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import { reservePorts, type OwnedPort } from "../ports/reserve-ports.js";
import type { RequestedPort } from "../ports/validate-ports.js";
import { publishedPorts } from "../record/decode-record.js";
import type { ManagerParts } from "./parts.js";

/** What other programs publish by rules of iptables, being looked for. */
export type RulesInUse = Promise<readonly OwnedPort[]>;

/** All families: a port of a container may be published on both. */
const FAMILIES: readonly Family[] = [4, 6];

/**
 * Begins to look for what rules of iptables publish, so that it goes on beside everything else that comes before the
 * ports are reserved. What the container itself has published is not in its own way.
 */
export function lookForRules(parts: ManagerParts, containerId: string, signal: AbortSignal): RulesInUse {
  const looking = FAMILIES.map(async (family) => publishedByRules(await parts.firewall.read(family, signal, "nat")));
  const found = Promise.all(looking).then((rules) =>
    rules.flat().filter(({ owner }) => owner !== `container ${containerId}`),
  );
  // Where something else fails first, nobody waits for this any more.
  found.catch(() => undefined);
  return found;
}

/**
 * Reserves ports for a container: finds conflicts, chooses free ones, and has `write` put them into a record, all under
 * one lock of the host, so that of two that want the same port exactly one gets it. Throws `PORT_IN_USE`.
 */
export async function withReservedPorts<T>(
  parts: ManagerParts,
  containerId: string,
  ports: readonly RequestedPort[],
  inUse: RulesInUse | undefined,
  write: (ports: readonly PublishedPort[]) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (ports.length === 0) return write(ports);
  const lock = await parts.locks.acquire("ports", signal);
  try {
    const [recorded, rules, sockets] = await Promise.all([
      recordedPorts(parts, containerId),
      inUse ?? lookForRules(parts, containerId, signal),
      parts.sockets(ports),
    ]);
    return await write(reservePorts(ports, { owned: [...recorded, ...rules], sockets, random: parts.random }));
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}

/** What was published before the last boot is published no more, whatever its record says. */
async function recordedPorts({ records, host }: ManagerParts, containerId: string): Promise<readonly OwnedPort[]> {
  const bootId = await host.bootId();
  return (await records.list()).records
    .filter(
      (record) => record.containerId !== containerId && (record.state === undefined || record.state.bootId === bootId),
    )
    .flatMap((record) => publishedPorts(record).map((port) => ({ owner: `container ${record.containerId}`, port })));
}
