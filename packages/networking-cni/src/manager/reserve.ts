import type { Family } from "../firewall/firewall.js";
import { publishedByRules } from "../firewall/published-rules.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import { reservePorts, type OwnedPort, type PortUse } from "../ports/reserve-ports.js";
import type { RequestedPort } from "../ports/validate-ports.js";
import { publishedPorts } from "../record/decode-record.js";
import type { ManagerParts } from "./parts.js";

/** What of the host is in the way of ports, being looked for. */
export type PortsInUse = Promise<Pick<PortUse, "owned" | "sockets">>;

/** All families: a port of a container may be published on both. */
const FAMILIES: readonly Family[] = [4, 6];

/**
 * Begins to look for what the host's sockets and rules of iptables use, so that it goes on beside everything else that
 * comes before ports are reserved. What the container itself has published is not in its own way.
 */
export function lookForPorts(
  { firewall, sockets }: ManagerParts,
  containerId: string,
  ports: readonly RequestedPort[],
  signal: AbortSignal,
): PortsInUse {
  // First what other threads do: starting a program holds this one up.
  const open = sockets(new Set(ports.map(({ protocol }) => protocol)));
  const rules = FAMILIES.map(async (family) => publishedByRules(await firewall.read(family, signal, "nat")));
  const found = Promise.all([open, ...rules]).then(([inUse, ...published]) => ({
    sockets: inUse,
    owned: published.flat().filter(({ owner }) => owner !== `container ${containerId}`),
  }));
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
  inUse: PortsInUse | undefined,
  write: (ports: readonly PublishedPort[]) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (ports.length === 0) return write(ports);
  const lock = await parts.locks.acquire("ports", signal);
  try {
    const [recorded, { owned, sockets }] = await Promise.all([
      recordedPorts(parts, containerId),
      inUse ?? lookForPorts(parts, containerId, ports, signal),
    ]);
    return await write(reservePorts(ports, { owned: [...recorded, ...owned], sockets, random: parts.random }));
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
