import type { PortProtocol } from "@voiyd/runtime-api";
import { addressNumber, contains } from "../net/subnet.js";
import { canonicalAddress } from "../ports/listeners.js";
import type { OwnedPort } from "../ports/reserve-ports.js";
import { objectAt, stringAt, type JsonObject } from "../protocol/json.js";
import type { Family } from "./firewall.js";
import { NftJumps } from "./nft-jumps.js";
import {
  both,
  ElementsMissing,
  lookupsOf,
  looksAtPorts,
  matchesOf,
  type HostRange,
  type PacketMatch,
} from "./nft-match.js";
import type { NftRule, NftRuleset } from "./nft-ruleset.js";

/** What the rules of a host publish. */
export interface NftPublished {
  /** By rules of nftables. */
  readonly native: readonly OwnedPort[];
  /** By rules of iptables, which nft knows in part: more of them may be in use, and it does not know by whom. */
  readonly iptables: readonly (OwnedPort & { readonly family: Family })[];
  /** Where rules of iptables publish what only iptables can tell. */
  readonly unread: ReadonlySet<Family>;
  /** The listing leaves out what would have to be known. */
  readonly incomplete: boolean;
}

/** What is asked about. */
export interface PublishedQuestion {
  /** Tables of the family `inet` that need not be looked at. */
  readonly ownTables: readonly string[];
  /** The addresses that count: the host's, and those that are wanted. Rules for others are no publishing on this host. */
  readonly addresses: readonly string[];
}

const PROTOCOLS: readonly PortProtocol[] = ["tcp", "udp", "sctp"];
/** Targets of iptables that send traffic elsewhere, and matches that may say which ports are meant. */
const TARGETS: readonly string[] = ["DNAT", "REDIRECT"];
const PORT_MATCHES: readonly string[] = ["multiport", "tcp", "udp", "sctp"];
/** More ports than this in one rule are no publishing of ports, but a rule for all traffic. */
const RANGE_AT_MOST = 4096;
/** Tables of lean mode, whose elements say whose they are. */
const LEAN_TABLES = "voiyd-";

/** The ports that rules send elsewhere, whoever made them. */
export function publishedByNft(ruleset: NftRuleset, question: PublishedQuestion): NftPublished {
  const native: OwnedPort[] = [];
  const iptables: (OwnedPort & { family: Family })[] = [];
  const unread = new Set<Family>();
  let incomplete = false;
  const jumps = new Map<string, NftJumps>();
  const into = (rule: NftRule): readonly PacketMatch[] => {
    const key = `${rule.family} ${rule.table}`;
    const ways = jumps.get(key) ?? new NftJumps(ruleset, rule);
    jumps.set(key, ways);
    return ways.into(rule.chain);
  };
  for (const rule of ruleset.rules) {
    if (rule.family === "inet" && question.ownTables.includes(rule.table)) continue;
    const family: Family = rule.family === "ip6" ? 6 : 4;
    try {
      const kind = kindOf(rule);
      if (kind === "unread") unread.add(family);
      if (kind === "other" || kind === "unread") continue;
      const matches = sinkMatches(rule, ruleset);
      const own = matches.filter(({ ports }) => ports !== undefined);
      const published = (all: readonly PacketMatch[]): readonly OwnedPort[] =>
        all.flatMap((match) => portsOf(match, rule, question.addresses));
      if (kind === "iptables") {
        if (own.length === 0 && mayHidePorts(rule)) unread.add(family);
        iptables.push(...published(own).map((port) => ({ ...port, family })));
        continue;
      }
      native.push(...published(own));
      const open = matches.filter(({ ports }) => ports === undefined);
      if (open.length === 0) continue;
      native.push(...published(into(rule).flatMap((outer) => open.map((match) => both(outer, match)))));
    } catch (error) {
      if (!(error instanceof ElementsMissing)) throw error;
      incomplete = true;
    }
  }
  return { native, iptables, unread, incomplete };
}

/** Who made a rule that sends traffic elsewhere. What iptables made stands there as `xt`, mostly without its contents. */
function kindOf({ table, expressions }: NftRule): "native" | "iptables" | "unread" | "other" {
  const xt = expressions.filter((expression) => "xt" in expression).map((expression) => objectAt(expression, "xt"));
  const unknown = xt.some((part) => part === undefined || stringAt(part, "name") === undefined);
  if (unknown) return table === "nat" ? "unread" : "other";
  const isTarget = (part: JsonObject | undefined): boolean =>
    stringAt(part ?? {}, "type") === "target" && TARGETS.includes(stringAt(part ?? {}, "name") ?? "");
  if (xt.some(isTarget)) return "iptables";
  return expressions.some((expression) => "dnat" in expression || "redirect" in expression) ? "native" : "other";
}

function mayHidePorts({ expressions }: NftRule): boolean {
  return expressions.some((expression) => {
    const xt = objectAt(expression, "xt") ?? {};
    return stringAt(xt, "type") === "match" && PORT_MATCHES.includes(stringAt(xt, "name") ?? "");
  });
}

/** What a rule sends elsewhere, by its matches and by the maps in which it looks up where to. */
function sinkMatches(rule: NftRule, ruleset: NftRuleset): readonly PacketMatch[] {
  const maps = rule.expressions
    .map((expression) => objectAt(expression, "dnat") ?? objectAt(expression, "redirect") ?? {})
    .flatMap((target) => [objectAt(target, "addr") ?? {}, objectAt(target, "port") ?? {}])
    .map((part) => objectAt(part, "map") ?? {})
    .filter(looksAtPorts);
  return maps.reduce<readonly PacketMatch[]>(
    (matches, map) => matches.flatMap((outer) => lookupsOf(map, ruleset, rule).map(({ match }) => both(outer, match))),
    matchesOf(rule.expressions, ruleset, rule),
  );
}

function portsOf(
  match: PacketMatch,
  { family, table, chain }: NftRule,
  addresses: readonly string[],
): readonly OwnedPort[] {
  const { protocols = PROTOCOLS, ports = [], hosts, comment = "" } = match;
  const hostIps =
    hosts === undefined ? ["0.0.0.0"] : [...new Set(hosts.flatMap((host) => addressesIn(host, addresses)))];
  const owner =
    comment !== "" && table.startsWith(LEAN_TABLES)
      ? `container ${comment}`
      : `a firewall rule in chain ${chain} of table ${family} ${table}`;
  return ports
    .filter(({ first, last }) => last - first <= RANGE_AT_MOST)
    .flatMap(({ first, last }) => Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index))
    .flatMap((hostPort) =>
      protocols.flatMap((protocol) =>
        hostIps.map((hostIp) => ({ owner, port: { hostPort, containerPort: hostPort, protocol, hostIp } })),
      ),
    );
}

/** Which of the addresses that count are meant; all of them are `0.0.0.0`. */
function addressesIn(host: HostRange, addresses: readonly string[]): readonly string[] {
  if (typeof host !== "string") return addresses.filter((address) => isBetween(address, ...host));
  if (host.endsWith("/0")) return ["0.0.0.0"];
  if (host.includes("/")) return addresses.filter((address) => contains(host, address));
  const one = canonicalAddress(host);
  return one.startsWith("127.") || addresses.includes(one) ? [one] : [];
}

function isBetween(address: string, first: string, last: string): boolean {
  const [value, from, to] = [address, first, last].map(addressNumber);
  if (value === undefined || from === undefined || to === undefined) return false;
  return address.includes(":") === first.includes(":") && value >= from && value <= to;
}
