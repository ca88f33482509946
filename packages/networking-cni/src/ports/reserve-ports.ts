import { RuntimeError } from "@voiyd/runtime-api";
import type { HostSocket } from "./listeners.js";
import { isTakenBy, overlap, type PublishedPort } from "./port-conflict.js";

/** A port that is published already, and for whom. */
export interface OwnedPort {
  readonly owner: string;
  readonly port: PublishedPort;
}

/** What is in use when ports are to be published. */
export interface PortUse {
  readonly owned: readonly OwnedPort[];
  readonly sockets: readonly HostSocket[];
  /** From 0 to less than 1; the seam for chance. */
  readonly random: () => number;
}

/** Where free ports are looked for: above what is usually assigned, and where Docker looks too. */
const EPHEMERAL_FIRST = 49153;
const EPHEMERAL_LAST = 60999;

/**
 * The same ports, each host port 0 replaced by a free one. Throws `PORT_IN_USE` with the owner's name, and
 * `RESOURCE_EXHAUSTED` when no port is free.
 */
export function reservePorts(ports: readonly PublishedPort[], use: PortUse): readonly PublishedPort[] {
  const chosen: PublishedPort[] = [];
  for (const port of ports) if (port.hostPort !== 0) assertFree(port, use);
  const fixed = ports.filter((port) => port.hostPort !== 0);
  for (const port of ports) chosen.push(port.hostPort === 0 ? chooseFree(port, [...fixed, ...chosen], use) : port);
  return chosen;
}

function assertFree(port: PublishedPort, { owned, sockets }: PortUse): void {
  const owner = owned.find((other) => overlap(other.port, port))?.owner;
  const socket = sockets.find((candidate) => candidate.listening && isTakenBy(port, candidate));
  if (owner === undefined && socket === undefined) return;
  const where = `${port.hostIp}:${String(port.hostPort)}/${port.protocol}`;
  const by = owner === undefined ? "a process of the host" : owner;
  throw new RuntimeError("PORT_IN_USE", `port ${where} is in use by ${by}`, {
    hint: "Publish another host port, or 0 for a free one",
    details: { port: port.hostPort, protocol: port.protocol, hostIp: port.hostIp, owner: by },
  });
}

function chooseFree(
  port: PublishedPort,
  taken: readonly PublishedPort[],
  { owned, sockets, random }: PortUse,
): PublishedPort {
  const count = EPHEMERAL_LAST - EPHEMERAL_FIRST + 1;
  const start = Math.floor(random() * count);
  for (let step = 0; step < count; step += 1) {
    const candidate = { ...port, hostPort: EPHEMERAL_FIRST + ((start + step) % count) };
    const free =
      !taken.some((other) => overlap(other, candidate)) &&
      !owned.some((other) => overlap(other.port, candidate)) &&
      !sockets.some((socket) => isTakenBy(candidate, socket));
    if (free) return candidate;
  }
  throw new RuntimeError(
    "RESOURCE_EXHAUSTED",
    `no free host port from ${String(EPHEMERAL_FIRST)} to ${String(EPHEMERAL_LAST)}`,
  );
}
