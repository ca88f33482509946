import { isIPv6 } from "node:net";
import type { PortMapping } from "@voiyd/runtime-api";
import { canonicalAddress, type HostSocket } from "./listeners.js";

/** A published port with every field filled in. */
export type PublishedPort = Required<PortMapping>;

/** Whether both cannot be published at once: same protocol and host port, and an address in common. */
export function overlap(a: PublishedPort, b: PublishedPort): boolean {
  return a.protocol === b.protocol && a.hostPort === b.hostPort && addressesMeet(a.hostIp, b.hostIp);
}

/** Whether publishing the port would take away what comes to the socket. */
export function isTakenBy(port: PublishedPort, socket: HostSocket): boolean {
  return (
    port.protocol === socket.protocol && port.hostPort === socket.port && addressesMeet(port.hostIp, socket.address)
  );
}

/**
 * Every address meets all of its family. The IPv6 one takes IPv4 too, as sockets do; and a port that is published on
 * every IPv4 address is one without a host address, which is published on IPv6 as well where the network has it.
 */
function addressesMeet(a: string, b: string): boolean {
  const [left, right] = [canonicalAddress(a), canonicalAddress(b)];
  if (isEverywhere(left) || isEverywhere(right)) return true;
  if (isIPv6(left) !== isIPv6(right)) return false;
  return left === right;
}

function isEverywhere(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
