import type { PortProtocol } from "@voiyd/runtime-api";
import type { OwnedPort } from "../ports/reserve-ports.js";
import { commentOf, targetOf, type SavedTable } from "./saved-rules.js";

/** The targets that send traffic elsewhere, be it to another port of the host. */
const TARGETS: readonly string[] = ["DNAT", "REDIRECT"];
const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];

/** The ports that rules of the host send elsewhere, whoever made them. Ranges count as each of their ports. */
export function publishedByRules(tables: readonly SavedTable[]): readonly OwnedPort[] {
  const nat = tables.filter(({ name }) => name === "nat").flatMap(({ rules }) => rules);
  const owners = new Map(nat.map((rule) => [targetOf(rule), ownerOf(rule)]));
  return nat.flatMap((rule) => {
    const protocol = PROTOCOLS.find((known) => known === / -p (\S+)/.exec(rule)?.[1]);
    const ports = / --dports? (\S+)/.exec(rule)?.[1];
    if (!TARGETS.includes(targetOf(rule)) || protocol === undefined || ports === undefined) return [];
    const chain = rule.split(" ")[1] ?? "";
    const owner = owners.get(chain) ?? "";
    const hostIp = / -d ([0-9a-fA-F.:]+)/.exec(rule)?.[1] ?? "0.0.0.0";
    return portsIn(ports).map((hostPort) => ({
      owner: owner === "" ? `a firewall rule in chain ${chain}` : `container ${owner}`,
      port: { hostPort, containerPort: hostPort, protocol, hostIp },
    }));
  });
}

/** The container in the comment that `portmap` gives its jumps: `dnat name: "<network>" id: "<container>"`. */
function ownerOf(rule: string): string {
  return /^dnat name: "[^"]*" id: "([^"]*)"$/.exec(commentOf(rule))?.[1] ?? "";
}

/** More ports than this in one rule are no publishing of ports, but a rule for all traffic. */
const RANGE_AT_MOST = 4096;

function portsIn(text: string): readonly number[] {
  return text.split(",").flatMap((part) => {
    const [first, last = first] = part.split(":").map(Number);
    if (first === undefined || last === undefined || !(last >= first) || last - first > RANGE_AT_MOST) return [];
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
