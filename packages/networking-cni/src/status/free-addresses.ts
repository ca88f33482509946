import type { AddressRange } from "../config/subnets-of.js";
import { addressNumber, parseSubnet } from "../net/subnet.js";
import type { AddressStatus } from "./report.js";

/**
 * How many addresses of a range of `host-local` are free. It never gives out the network's and the broadcast address,
 * nor the gateway's.
 */
export function freeAddresses(range: AddressRange, given: readonly string[]): readonly AddressStatus[] {
  const subnet = parseSubnet(range.subnet);
  if (subnet === undefined) return [];
  const beyond = subnet.family === 4 ? 1n : 0n;
  const start = addressNumber(range.rangeStart ?? "") ?? subnet.first + 1n;
  const end = addressNumber(range.rangeEnd ?? "") ?? subnet.last - beyond;
  const inside = (value: bigint): boolean => value >= start && value <= end;
  const gateway = addressNumber(range.gateway ?? "") ?? subnet.first + 1n;
  const total = end - start + 1n - (inside(gateway) ? 1n : 0n);
  const taken = given.filter((address) => {
    const value = addressNumber(address);
    return value !== undefined && address.includes(":") === (subnet.family === 6) && inside(value);
  });
  return [{ subnet: range.subnet, total: Number(total), free: Number(total - BigInt(taken.length)) }];
}
