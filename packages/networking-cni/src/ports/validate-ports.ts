import { isIP } from "node:net";
import { RuntimeError, type PortProtocol, type PortRequest } from "@voiyd/runtime-api";
import { overlap, type PublishedPort } from "./port-conflict.js";

/** A port to publish, with nothing left open but which host port it is to be. */
export interface RequestedPort extends PublishedPort {
  /** The last one of a range of host ports, one of which is to be chosen. */
  readonly hostPortEnd?: number;
}

const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];
/** Where nothing else is said, a port is published on every address. */
const EVERY_ADDRESS = "0.0.0.0";

/** Port mappings with their defaults filled in. Throws `INVALID_ARGUMENT`. */
export function validatePorts(mappings: readonly PortRequest[]): readonly RequestedPort[] {
  return mappings.reduce<readonly RequestedPort[]>((earlier, mapping, index) => {
    const port = validatePort(mapping, `portMappings[${String(index)}]`);
    if (isFixed(port) && earlier.filter(isFixed).some((other) => overlap(other, port))) {
      throw invalidPort(`portMappings[${String(index)}].hostPort`, port.hostPort, "published once only");
    }
    return [...earlier, port];
  }, []);
}

/** Whether the request leaves nothing to choose. */
export function isFixed({ hostPort, hostPortEnd }: RequestedPort): boolean {
  return hostPort !== 0 && hostPortEnd === undefined;
}

function validatePort(mapping: PortRequest, option: string): RequestedPort {
  const { containerPort, hostPort, hostPortEnd, protocol = "tcp", hostIp = EVERY_ADDRESS } = mapping;
  if (!isPort(containerPort, 1))
    throw invalidPort(`${option}.containerPort`, containerPort, "a port number from 1 to 65535");
  if (!isPort(hostPort, 0)) throw invalidPort(`${option}.hostPort`, hostPort, "a port number from 0 to 65535");
  if (hostPortEnd !== undefined && !(hostPort !== 0 && isPort(hostPortEnd, hostPort)))
    throw invalidPort(`${option}.hostPortEnd`, hostPortEnd, "a port number that is not below hostPort");
  if (!PROTOCOLS.includes(protocol))
    throw invalidPort(`${option}.protocol`, protocol, `one of ${PROTOCOLS.join(", ")}`);
  if (isIP(hostIp) === 0 || hostIp.includes("%"))
    throw invalidPort(`${option}.hostIp`, hostIp, "an IPv4 or IPv6 address");
  const port = { containerPort, hostPort, protocol, hostIp };
  return hostPortEnd === undefined || hostPortEnd === hostPort ? port : { ...port, hostPortEnd };
}

function isPort(value: unknown, least: number): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= 65535;
}

function invalidPort(option: string, value: unknown, allowed: string): RuntimeError {
  const shown =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "number" ? String(value) : typeof value;
  return new RuntimeError("INVALID_ARGUMENT", `${option}: ${shown.slice(0, 80)} is not valid`, {
    hint: `${option} must be ${allowed}`,
    details: { option },
  });
}
