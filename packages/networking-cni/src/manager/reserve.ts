import { leanNetworkOf } from "../lean/lean-network.js";
import { reservePorts, type OwnedPort } from "../ports/reserve-ports.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import type { RequestedPort } from "../ports/validate-ports.js";
import { publishedPorts } from "../record/decode-record.js";
import type { CheckedRequest } from "./attach-request.js";
import type { ManagerParts } from "./parts.js";
import type { Plan } from "./plan-networks.js";

/** What is published by rules of the firewall, being looked for. */
export type RulesInUse = Promise<readonly OwnedPort[]>;

/**
 * Begins to look for what rules of the firewall publish, so that it goes on beside everything else that comes before the
 * ports are reserved. What the container itself has published is not in its own way, and what the table of its network
 * publishes stands in records, and is told by the kernel once more.
 */
export function lookForRules(
  parts: ManagerParts,
  { containerId, ports }: CheckedRequest,
  planning: Promise<readonly Plan[]>,
  signal: AbortSignal,
): RulesInUse {
  const ownTables = async (): Promise<readonly string[]> =>
    (await planning).flatMap(({ list }) => leanNetworkOf(list)?.table ?? []);
  const found = parts
    .findPublished({ wanted: ports, ownTables }, signal)
    .then((rules) => rules.filter(({ owner }) => owner !== `container ${containerId}`));
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
  inUse: RulesInUse,
  write: (ports: readonly PublishedPort[]) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (ports.length === 0) return write(ports);
  const lock = await parts.locks.acquire("ports", signal);
  try {
    const [recorded, rules, sockets] = await Promise.all([
      recordedPorts(parts, containerId),
      inUse,
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
