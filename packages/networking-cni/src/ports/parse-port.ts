import { isIP } from "node:net";
import { RuntimeError, type PortProtocol, type PortRequest } from "@voiyd/runtime-api";

const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];
const GRAMMAR = "[HOST_ADDRESS:][HOST_PORT[-END]]:CONTAINER_PORT[-END][/tcp|udp|sctp], or CONTAINER_PORT alone";
const LAST_PORT = 65535;

/** Ports that follow each other. */
interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The ports of `[hostIp:][hostPort[-end]]:containerPort[-end][/protocol]`: `8080:80`, `127.0.0.1::80`,
 * `[::1]:8000-8002:80-82/udp`, `8000-8010:80`, or `80` alone. A host port that is absent or 0 is chosen later. Two
 * ranges must be of one length, and give a mapping for each pair; a range of host ports for one container port is one
 * mapping, which gets the first that is free. Throws `INVALID_ARGUMENT`.
 */
export function parsePort(text: string): readonly PortRequest[] {
  const [ports = "", protocolText, ...tooMany] = text.split("/");
  const protocol = PROTOCOLS.find((one) => one === (protocolText ?? "tcp").toLowerCase());
  if (protocol === undefined || tooMany.length > 0) throw invalidPort(text, `the protocol is not tcp, udp or sctp`);
  const { hostIp, host, container } = splitPorts(ports, text);
  const inside = parseRange(container, 1, text);
  const outside = host === "" || host === "0" ? undefined : parseRange(host, 1, text);
  const common = { protocol, ...(hostIp === undefined ? {} : { hostIp }) };
  if (outside === undefined) return each(inside, (containerPort) => ({ ...common, containerPort, hostPort: 0 }));
  const { first, last } = outside;
  if (last - first === inside.last - inside.first) {
    return each(inside, (containerPort) => ({
      ...common,
      containerPort,
      hostPort: first + containerPort - inside.first,
    }));
  }
  if (inside.first !== inside.last) throw invalidPort(text, "the ranges are not of one length");
  return [{ ...common, containerPort: inside.first, hostPort: first, hostPortEnd: last }];
}

/** Cuts `[hostIp:][host]:container`. An address of IPv6 stands in brackets, as it has colons itself. */
function splitPorts(
  ports: string,
  text: string,
): { readonly hostIp?: string; readonly host: string; readonly container: string } {
  const bracketed = /^\[([^\]]*)\]:(.*)$/s.exec(ports);
  const parts = (bracketed?.[2] ?? ports).split(":");
  const hostIp = bracketed === null ? (parts.length === 3 ? parts.shift() : undefined) : bracketed[1];
  const [first = "", second] = parts;
  if (parts.length > 2) throw invalidPort(text, "it has too many colons; an IPv6 address stands in brackets");
  if (hostIp === undefined) {
    // With nothing in front, a colon promises a host port that is not there.
    if (second !== undefined && first === "") throw invalidPort(text, "there is nothing in front of the colon");
    return second === undefined ? { host: "", container: first } : { host: first, container: second };
  }
  const family = isIP(hostIp);
  if (family === 0 || hostIp.includes("%") || (family === 6) !== (bracketed !== null)) {
    throw invalidPort(text, `${JSON.stringify(hostIp.slice(0, 80))} is not an address`);
  }
  if (second === undefined) throw invalidPort(text, "an address needs a host port behind it, or two colons");
  return { hostIp, host: first, container: second };
}

function parseRange(range: string, least: number, text: string): PortRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match !== null && first >= least && last <= LAST_PORT && first <= last) return { first, last };
  throw invalidPort(text, `${JSON.stringify(range.slice(0, 80))} is not a port or a range of ports, from 1 to 65535`);
}

function each({ first, last }: PortRange, toPort: (containerPort: number) => PortRequest): readonly PortRequest[] {
  return Array.from({ length: last - first + 1 }, (_, index) => toPort(first + index));
}

function invalidPort(text: string, problem: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", `port ${JSON.stringify(text.slice(0, 80))}: ${problem}`, {
    hint: `Write it as ${GRAMMAR}`,
    details: { option: "port" },
  });
}
