import { isIP } from "node:net";

/** A part of the address space of one family, as numbers. */
export interface Subnet {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
}

/** An address as a number, or `undefined`. */
export function addressNumber(address: string): bigint | undefined {
  const family = address.includes("%") ? 0 : isIP(address);
  if (family === 4) return address.split(".").reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  if (family !== 6) return undefined;
  return groupsOf(address).reduce((sum, group) => sum * 65536n + BigInt(group), 0n);
}

/** A number as an address, in the usual notation. */
export function addressText(value: bigint, family: 4 | 6): string {
  if (family === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
  }
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 65535n);
  const url = new URL(`http://[${groups.map((group) => group.toString(16)).join(":")}]/`);
  return url.hostname.slice(1, -1);
}

/** A subnet from CIDR notation; bits beyond the prefix do not count. `undefined` for anything else. */
export function parseSubnet(cidr: string): Subnet | undefined {
  const [address = "", prefix = "", ...more] = cidr.split("/");
  const value = addressNumber(address);
  const family = isIP(address) === 6 ? 6 : 4;
  const bits = family === 6 ? 128 : 32;
  if (value === undefined || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits || more.length > 0) return undefined;
  const size = 1n << BigInt(bits - Number(prefix));
  const first = value - (value % size);
  return { family, first, last: first + size - 1n, prefixLength: Number(prefix) };
}

/** In CIDR notation. */
export function subnetText({ first, family, prefixLength }: Subnet): string {
  return `${addressText(first, family)}/${String(prefixLength)}`;
}

/** Whether they have an address in common. */
export function overlap(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Whether the address is in the subnet, both as texts; `false` for what is none. */
export function contains(cidr: string, address: string): boolean {
  const [subnet, value] = [parseSubnet(cidr), addressNumber(address)];
  if (subnet === undefined || value === undefined) return false;
  return (isIP(address) === 6) === (subnet.family === 6) && value >= subnet.first && value <= subnet.last;
}

function groupsOf(address: string): readonly number[] {
  // The URL parser knows all spellings, IPv4 in the end among them.
  const [head = "", tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const [front, back] = [head, tail ?? ""].map((part) =>
    (part === "" ? [] : part.split(":")).map((g) => parseInt(g, 16)),
  );
  const [before, after] = [front ?? [], back ?? []];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
}
