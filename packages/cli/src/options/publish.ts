import { invalid, type PortMapping, type PortProtocol } from "@voiyd/runtime-api";

const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];

interface PortRange {
  readonly first: number;
  readonly length: number;
}

/**
 * The ports of `[address:][host:]container[/protocol]`, as `8080:80`, `127.0.0.1::80`, `[::1]:8000-8002:80-82/udp`.
 * Without a host part a free port is chosen (0). Ranges must be of equal length. Throws `INVALID_ARGUMENT`.
 */
export function parsePublish(text: string): PortMapping[] {
  const match =
    /^(?:(?:\[([0-9a-fA-F:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(?=[^:]*:))?(?:([0-9-]*):)?([0-9-]+)(?:\/([a-zA-Z]+))?$/.exec(
      text,
    );
  const container = parseRange(match?.[4] ?? "", 1);
  const host = match?.[3] === undefined || match[3] === "" ? undefined : parseRange(match[3], 0);
  const hostIp = match?.[1] ?? match?.[2];
  const protocol = PROTOCOLS.find((one) => one === (match?.[5] ?? "tcp").toLowerCase());
  const hostPartIsWrong = match?.[3] !== undefined && match[3] !== "" && host === undefined;
  const addressIsMissing = match?.[3] === "" && hostIp === undefined;
  if (container === undefined || protocol === undefined || hostPartIsWrong || addressIsMissing) {
    throw invalid(
      "--publish",
      text,
      "[ADDRESS:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL], ports from 1 to 65535 or ranges of them",
    );
  }
  if (host !== undefined && host.length !== container.length) {
    throw invalid("--publish", text, "made of two ranges of the same length");
  }
  return Array.from({ length: container.length }, (_, index) => ({
    containerPort: container.first + index,
    hostPort: host === undefined ? 0 : host.first === 0 ? 0 : host.first + index,
    protocol,
    ...(hostIp === undefined ? {} : { hostIp }),
  }));
}

function parseRange(text: string, least: number): PortRange | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < least || last > 65535 || last < first || (first === 0 && last !== 0)) return undefined;
  return { first, length: last - first + 1 };
}
