import type { PortMapping } from "../port-mapping.js";
import { invalid } from "./invalid.js";
import { isIpAddress } from "./ip-address.js";

const PROTOCOLS: readonly string[] = ["tcp", "udp", "sctp"];

/** Throws `INVALID_ARGUMENT` for ports that cannot be published, and for two that would be in each other's way. */
export function assertPortMappings(mappings: readonly PortMapping[]): void {
  mappings.forEach((mapping, index) => {
    const option = `portMappings[${String(index)}]`;
    assertPort(`${option}.containerPort`, mapping.containerPort, 1);
    assertPort(`${option}.hostPort`, mapping.hostPort, 0);
    if (mapping.protocol !== undefined && !PROTOCOLS.includes(mapping.protocol)) {
      throw invalid(`${option}.protocol`, mapping.protocol, `one of ${PROTOCOLS.join(", ")}`);
    }
    if (mapping.hostIp !== undefined && !isIpAddress(mapping.hostIp)) {
      throw invalid(`${option}.hostIp`, mapping.hostIp, "an IPv4 or IPv6 address");
    }
    const rival = mappings.slice(0, index).find((earlier) => collide(earlier, mapping));
    if (rival !== undefined) throw invalid(`${option}.hostPort`, mapping.hostPort, "published once only");
  });
}

function assertPort(option: string, port: unknown, least: number): void {
  if (!(typeof port === "number" && Number.isInteger(port) && port >= least && port <= 65535)) {
    throw invalid(option, port, `a port number from ${String(least)} to 65535`);
  }
}

/** Whether both cannot be published on one host: same protocol and port, and addresses that overlap. */
function collide(a: PortMapping, b: PortMapping): boolean {
  if (a.hostPort === 0 || a.hostPort !== b.hostPort || (a.protocol ?? "tcp") !== (b.protocol ?? "tcp")) return false;
  return isWildcard(a.hostIp) || isWildcard(b.hostIp) || a.hostIp === b.hostIp;
}

function isWildcard(hostIp: string | undefined): boolean {
  return hostIp === undefined || hostIp === "0.0.0.0" || hostIp === "::";
}
