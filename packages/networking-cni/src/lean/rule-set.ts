import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import type { LeanNetwork } from "./lean-network.js";

/** The rules of a network, all of them independent of what containers there are. */
export interface RuleSet {
  /** The empty chain whose presence says that exactly these rules are in force. */
  readonly marker: string;
  /** Lines for nft: one transaction, which makes or replaces the rules and keeps the elements of the maps. */
  readonly script: readonly string[];
}

/** The start of the names of all markers. */
export const MARKER_PREFIX = "rules-";

/** The map of published ports of a family: (protocol, host address, host port) to (address, port). */
export function portMap(family: 4 | 6): string {
  return family === 4 ? "ports" : "ports6";
}

const CHAINS: readonly string[] = [
  "prerouting { type nat hook prerouting priority dstnat; policy accept; }",
  "output { type nat hook output priority -100; policy accept; }",
  "postrouting { type nat hook postrouting priority srcnat; policy accept; }",
  "forward { type filter hook forward priority filter; policy accept; }",
  "martians { type filter hook prerouting priority raw; policy accept; }",
];

/**
 * The rule set. Published ports stand in a map with intervals: one entry for every host address and one for a single
 * address cannot be added both, which is what makes an insertion fail on a conflict.
 */
export function ruleSet(network: LeanNetwork, others: readonly string[]): RuleSet {
  const { table } = network;
  const rules = rulesOf(network, others);
  const marker = `${MARKER_PREFIX}${createHash("sha256").update(rules.join("\n")).digest("hex").slice(0, 16)}`;
  const of = `inet ${table}`;
  const names = ["publish", ...CHAINS.map((chain) => chain.slice(0, chain.indexOf(" ")))];
  const script = [
    `add table ${of}`,
    ...([4, 6] as const).map((family) => {
      const address = `ipv${String(family)}_addr`;
      const type = `inet_proto . ${address} . inet_service : ${address} . inet_service`;
      return `add map ${of} ${portMap(family)} { type ${type}; flags interval; }`;
    }),
    `add chain ${of} publish`,
    ...CHAINS.map((chain) => `add chain ${of} ${chain}`),
    ...names.map((name) => `flush chain ${of} ${name}`),
    ...rules.map((rule) => `add rule ${of} ${rule}`),
    `add chain ${of} ${marker}`,
  ];
  return { marker, script };
}

function rulesOf({ bridge, subnets }: LeanNetwork, others: readonly string[]): readonly string[] {
  const name = `"${bridge}"`;
  const set = `{ ${others.map((other) => `"${other}"`).join(", ")} }`;
  return [
    "publish meta l4proto { tcp, udp, sctp } dnat ip to meta l4proto . ip daddr . th dport map @ports",
    "publish meta l4proto { tcp, udp, sctp } dnat ip6 to meta l4proto . ip6 daddr . th dport map @ports6",
    "prerouting fib daddr type local jump publish",
    "output fib daddr type local jump publish",
    ...subnets.flatMap((subnet) => {
      const [ip, multicast] = isIPv6(subnet.split("/")[0] ?? "") ? ["ip6", "ff00::/8"] : ["ip", "224.0.0.0/4"];
      return [
        `postrouting ${ip} saddr ${subnet} oifname != ${name} ${ip} daddr != ${multicast} masquerade`,
        // A container that comes to a published port of its own network: the answer has to pass the host again.
        `postrouting ${ip} saddr ${subnet} oifname ${name} ct status dnat masquerade`,
      ];
    }),
    // What comes from 127.0.0.1 can be answered only through an address that the container can reach.
    `postrouting ip saddr 127.0.0.0/8 oifname ${name} masquerade`,
    ...(others.length === 0
      ? []
      : [`forward iifname ${name} oifname ${set} drop`, `forward oifname ${name} iifname ${set} drop`]),
    // `route_localnet` would let a container reach what listens on the host's 127.0.0.1 only.
    `martians iifname ${name} ip daddr 127.0.0.0/8 drop`,
  ];
}
