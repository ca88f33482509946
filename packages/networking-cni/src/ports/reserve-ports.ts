import { RuntimeError } from "@voiyd/runtime-api";
import type { HostSocket } from "./listeners.js";
import { isTakenBy, overlap, type PublishedPort } from "./port-conflict.js";
import { isFixed, type RequestedPort } from "./validate-ports.js";

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
 * The same ports, each host port 0 and each range replaced by a free one. What leaves the least choice is served first,
 * so that nothing takes from a range what a fixed port of the same request needs. Throws `PORT_IN_USE` with the owner's
 * name, and `RESOURCE_EXHAUSTED` when no port is free.
 */
export function reservePorts(ports: readonly RequestedPort[], use: PortUse): readonly PublishedPort[] {
  const fixed = ports.filter(isFixed);
  for (const port of fixed) assertFree(port, use);
  const chosen = new Map<RequestedPort, PublishedPort>(fixed.map((port) => [port, port]));
  const choose = (port: RequestedPort, among: readonly number[]): boolean => {
    const taken = [...chosen.values()];
    const hostPort = among.find((candidate) => isFree(published(port, candidate), taken, use));
    if (hostPort === undefined) return false;
    chosen.set(port, published(port, hostPort));
    return true;
  };
  for (const port of ports) {
    if (port.hostPortEnd === undefined) continue;
    if (!choose(port, rangeFrom(port.hostPort, port.hostPortEnd))) throw noneOfRange(port, use);
  }
  for (const port of ports) {
    if (port.hostPort !== 0) continue;
    const all = rangeFrom(EPHEMERAL_FIRST, EPHEMERAL_LAST);
    const start = Math.floor(use.random() * all.length);
    if (!choose(port, [...all.slice(start), ...all.slice(0, start)])) throw noneAtAll();
  }
  return ports.map((port) => chosen.get(port) ?? port);
}

function assertFree(port: PublishedPort, { owned, sockets }: PortUse): void {
  const owner = owned.find((other) => overlap(other.port, port))?.owner;
  const socket = sockets.find((candidate) => candidate.listening && isTakenBy(port, candidate));
  if (owner === undefined && socket === undefined) return;
  const by = owner === undefined ? "a process of the host" : owner;
  throw new RuntimeError(
    "PORT_IN_USE",
    `port ${port.hostIp}:${String(port.hostPort)}/${port.protocol} is in use by ${by}`,
    {
      hint: "Publish another host port, or 0 for a free one",
      details: { port: port.hostPort, protocol: port.protocol, hostIp: port.hostIp, owner: by },
    },
  );
}

function isFree(candidate: PublishedPort, taken: readonly PublishedPort[], { owned, sockets }: PortUse): boolean {
  return (
    !taken.some((other) => overlap(other, candidate)) &&
    !owned.some((other) => overlap(other.port, candidate)) &&
    !sockets.some((socket) => isTakenBy(candidate, socket))
  );
}

function published({ containerPort, protocol, hostIp }: RequestedPort, hostPort: number): PublishedPort {
  return { containerPort, protocol, hostIp, hostPort };
}

function rangeFrom(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function noneOfRange(
  { hostPort, hostPortEnd = hostPort, hostIp, protocol }: RequestedPort,
  use: PortUse,
): RuntimeError {
  const owners = use.owned.filter(
    ({ port }) => port.protocol === protocol && port.hostPort >= hostPort && port.hostPort <= hostPortEnd,
  );
  const owner = [...new Set(owners.map(({ owner: name }) => name))].join(", ");
  return new RuntimeError(
    "PORT_IN_USE",
    `no free host port from ${String(hostPort)} to ${String(hostPortEnd)}/${protocol} on ${hostIp}`,
    {
      hint: "Publish a larger range, or 0 for a free port",
      details: { port: hostPort, portEnd: hostPortEnd, protocol, hostIp, owner },
    },
  );
}

function noneAtAll(): RuntimeError {
  return new RuntimeError(
    "RESOURCE_EXHAUSTED",
    `no free host port from ${String(EPHEMERAL_FIRST)} to ${String(EPHEMERAL_LAST)}`,
  );
}
