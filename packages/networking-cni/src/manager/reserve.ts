import type { Family } from "../firewall/firewall.js";
import { publishedByRules } from "../firewall/published-rules.js";
import type { PublishedPort } from "../ports/port-conflict.js";
import { reservePorts, type OwnedPort } from "../ports/reserve-ports.js";
import { publishedPorts } from "../record/decode-record.js";
import type { ManagerParts } from "./parts.js";

/** All families: a port of a container may be published on both. */
const FAMILIES: readonly Family[] = [4, 6];

/**
 * Reserves ports for a container: finds conflicts, chooses free ones, and has `write` put them into a record, all under
 * one lock of the host, so that of two that want the same port exactly one gets it. Throws `PORT_IN_USE`.
 */
export async function withReservedPorts<T>(
  parts: ManagerParts,
  containerId: string,
  ports: readonly PublishedPort[],
  write: (ports: readonly PublishedPort[]) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  if (ports.length === 0) return write(ports);
  const lock = await parts.locks.acquire("ports", signal);
  try {
    const [recorded, rules, sockets] = await Promise.all([
      recordedPorts(parts, containerId),
      Promise.all(FAMILIES.map(async (family) => publishedByRules(await parts.firewall.read(family, signal, "nat")))),
      parts.sockets(),
    ]);
    return await write(reservePorts(ports, { owned: [...recorded, ...rules.flat()], sockets, random: parts.random }));
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
