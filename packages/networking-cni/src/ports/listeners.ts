import { readFile } from "node:fs/promises";
import type { PortProtocol } from "@voiyd/runtime-api";
import { errorCode } from "../plugin/error-code.js";

/** A port that a process of the host uses. */
export interface HostSocket {
  readonly protocol: PortProtocol;
  readonly port: number;
  /** In the usual notation; `0.0.0.0` and `::` for all. */
  readonly address: string;
  /** Whether it takes what comes to the port. Other sockets are merely on their way out. */
  readonly listening: boolean;
}

const LISTENING_TCP = "0A";
const UNCONNECTED_UDP = "07";

const TABLES: readonly (readonly [path: string, protocol: PortProtocol, listeningState: string])[] = [
  ["/proc/net/tcp", "tcp", LISTENING_TCP],
  ["/proc/net/tcp6", "tcp", LISTENING_TCP],
  ["/proc/net/udp", "udp", UNCONNECTED_UDP],
  ["/proc/net/udp6", "udp", UNCONNECTED_UDP],
];

/**
 * The sockets of the host's network namespace, from `/proc/net` (proc_net_tcp). Only what is asked for: the kernel goes
 * through a large table for each.
 */
export async function readHostSockets(protocols: ReadonlySet<PortProtocol>): Promise<readonly HostSocket[]> {
  const wanted = TABLES.filter(([, protocol]) => protocols.has(protocol));
  return (await Promise.all(wanted.map((table) => readTable(...table)))).flat();
}

async function readTable(path: string, protocol: PortProtocol, listeningState: string): Promise<readonly HostSocket[]> {
  try {
    return parseSocketTable(await readFile(path, "latin1"), protocol, listeningState);
  } catch (error) {
    // A kernel without IPv6 has no tables for it.
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** Reads one table: `sl local_address rem_address st …`, addresses as `hex:hex`. Lines of another shape are left out. */
export function parseSocketTable(text: string, protocol: PortProtocol, listeningState: string): readonly HostSocket[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line);
    const [, address, port, state] = match ?? [];
    if (address === undefined || port === undefined) return [];
    return [{ protocol, port: parseInt(port, 16), address: readAddress(address), listening: state === listeningState }];
  });
}

/** The kernel prints each 32-bit word of an address as this machine stores it, so on x64 and arm64 back to front. */
function readAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).toReversed().map((byte) => parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.every((byte) => byte === 0)) return "::";
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join(".");
  const groups = Array.from({ length: 8 }, (_, group) =>
    (((bytes[2 * group] ?? 0) << 8) | (bytes[2 * group + 1] ?? 0)).toString(16),
  );
  return canonicalAddress(groups.join(":"));
}

/** One spelling for each address, so that they can be compared. IPv4 addresses inside of IPv6 ones come out as IPv4. */
export function canonicalAddress(address: string): string {
  if (!address.includes(":")) return address;
  const url = URL.canParse(`http://[${address}]/`) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(url);
  if (mapped === null) return url;
  const [high, low] = [parseInt(mapped[1] ?? "0", 16), parseInt(mapped[2] ?? "0", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
