import { RuntimeError } from "@voiyd/runtime-api";
import type { UsedSubnet } from "../host/host-links.js";
import { addressNumber, overlap, parseSubnet, subnetText, type Subnet } from "../net/subnet.js";

/** Where subnets are chosen from, one /24 after the other; what is after the default network's comes first. */
const POOLS: readonly string[] = ["10.70.0.0/15", "10.72.0.0/13", "172.20.0.0/14", "192.168.128.0/17"];
const CHOSEN_PREFIX = 24;
/** Smaller ones have no address left for a container: network, gateway, broadcast. */
const LONGEST_PREFIX = { 4: 30, 6: 126 } as const;

/** The first free /24. Throws `FAILED_PRECONDITION` where there is none. */
export function freeSubnet(used: readonly UsedSubnet[]): string {
  const taken = used.flatMap(({ subnet }) => parseSubnet(subnet) ?? []);
  for (const pool of POOLS.flatMap((cidr) => parseSubnet(cidr) ?? [])) {
    const size = 1n << BigInt(32 - CHOSEN_PREFIX);
    for (let first = pool.first; first < pool.last; first += size) {
      const candidate: Subnet = { family: 4, first, last: first + size - 1n, prefixLength: CHOSEN_PREFIX };
      if (!taken.some((other) => overlap(other, candidate))) return subnetText(candidate);
    }
  }
  throw new RuntimeError("FAILED_PRECONDITION", "no private IPv4 subnet is free", {
    hint: "Give the network a subnet of your own choice",
    details: { reason: "subnet-overlap" },
  });
}

/**
 * A subnet that was asked for, in canonical form. Throws `INVALID_ARGUMENT` for what is none, `FAILED_PRECONDITION` with
 * `details.reason` `subnet-overlap`, `details.usedBy` and `details.proposed` for one that is in use.
 */
export function checkedSubnet(cidr: string, family: 4 | 6, used: readonly UsedSubnet[]): string {
  const subnet = parseSubnet(cidr);
  if (subnet?.family !== family || subnet.prefixLength < 8 || subnet.prefixLength > LONGEST_PREFIX[family]) {
    throw invalid(family === 4 ? "subnet" : "ipv6", cidr, `an IPv${String(family)} subnet in CIDR notation`);
  }
  const conflict = used.find((other) => {
    const parsed = parseSubnet(other.subnet);
    return parsed !== undefined && overlap(parsed, subnet);
  });
  if (conflict === undefined) return subnetText(subnet);
  const proposed = family === 4 ? freeSubnet(used) : "";
  throw new RuntimeError("FAILED_PRECONDITION", `subnet ${cidr} overlaps ${conflict.subnet}, ${conflict.by}`, {
    hint: proposed === "" ? "Choose another subnet, or none" : `${proposed} is free`,
    details: {
      reason: "subnet-overlap",
      subnet: cidr,
      usedBy: conflict.by,
      conflict: conflict.subnet,
      ...(proposed === "" ? {} : { proposed }),
    },
  });
}

/** Whether a subnet meets one that is in use. */
export function overlapsAny(cidr: string, used: readonly UsedSubnet[]): boolean {
  const subnet = parseSubnet(cidr);
  const others = used.flatMap((other) => parseSubnet(other.subnet) ?? []);
  return subnet !== undefined && others.some((other) => overlap(other, subnet));
}

/** Throws `INVALID_ARGUMENT` for a gateway that is not an address for a host of the subnet. */
export function checkedGateway(gateway: string, cidr: string): string {
  const [subnet, value] = [parseSubnet(cidr), addressNumber(gateway)];
  const fits =
    subnet !== undefined &&
    value !== undefined &&
    !gateway.includes(":") &&
    value > subnet.first &&
    value < subnet.last;
  if (!fits) throw invalid("gateway", gateway, `an address of ${cidr}, neither its first nor its last one`);
  return gateway;
}

function invalid(option: string, value: string, allowed: string): RuntimeError {
  return new RuntimeError("INVALID_ARGUMENT", `${option}: ${JSON.stringify(value).slice(0, 80)} is not valid`, {
    hint: `${option} must be ${allowed}`,
    details: { option },
  });
}
