import { isIP } from "node:net";
import { RuntimeError, type PortMapping, type PortProtocol } from "@voiyd/runtime-api";
import { overlap, type PublishedPort } from "./port-conflict.js";

const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];
/** Where nothing else is said, a port is published on every address. */
const EVERY_ADDRESS = "0.0.0.0";

/** Port mappings with nothing left open but host port 0. Throws `INVALID_ARGUMENT`. */
export function validatePorts(mappings: readonly PortMapping[]): readonly PublishedPort[] {
  return mappings.reduce<readonly PublishedPort[]>((earlier, mapping, index) => {
    const port = validatePort(mapping, `portMappings[${String(index)}]`);
    if (port.hostPort !== 0 && earlier.some((other) => overlap(other, port))) {
      throw invalidPort(`portMappings[${String(index)}].hostPort`, port.hostPort, "published once only");
    }
    return [...earlier, port];
  }, []);
}

function validatePort(mapping: PortMapping, option: string): PublishedPort {
  const { containerPort, hostPort, protocol = "tcp", hostIp = EVERY_ADDRESS } = mapping;
  if (!isPort(containerPort, 1))
    throw invalidPort(`${option}.containerPort`, containerPort, "a port number from 1 to 65535");
  if (!isPort(hostPort, 0)) throw invalidPort(`${option}.hostPort`, hostPort, "a port number from 0 to 65535");
  if (!PROTOCOLS.includes(protocol))
    throw invalidPort(`${option}.protocol`, protocol, `one of ${PROTOCOLS.join(", ")}`);
  if (isIP(hostIp) === 0 || hostIp.includes("%"))
    throw invalidPort(`${option}.hostIp`, hostIp, "an IPv4 or IPv6 address");
  return { containerPort, hostPort, protocol, hostIp };
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
