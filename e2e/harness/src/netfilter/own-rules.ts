import { isHarnessNetwork, type Network, overlaps, parseNetwork } from "../host/subnet.js";
import { addressesOf, isContainerChain, type SavedRule, type SavedTable } from "./saved-rules.js";

/** What a private host leaves in netfilter can be told by these two. */
export interface HostNetwork {
  readonly bridge: string;
  readonly subnet: string;
}

/** Whose a rule or chain is: this host's, another private host's, or not to be told from it. */
export type Ownership = "own" | "foreign" | "unclear";

function namesInterface(rule: SavedRule, name: string): boolean {
  return rule.text.split(" ").some((word, index, words) => word === name && /^-[io]$/u.test(words[index - 1] ?? ""));
}

function ofRule(rule: SavedRule, bridge: string, subnet: Network): Ownership {
  if (namesInterface(rule, bridge)) return "own";
  const addresses = addressesOf(rule);
  const networks = addresses.flatMap((text) => parseNetwork(text) ?? []);
  if (networks.some((network) => network.prefix >= subnet.prefix && overlaps(network, subnet))) return "own";
  return addresses.some(isHarnessNetwork) ? "foreign" : "unclear";
}

/**
 * Whose the container chains of a table are: a chain belongs to whom one of its rules, or one of the rules that jump to
 * it, belongs.
 */
export function chainOwners(table: SavedTable, host: HostNetwork): Map<string, Ownership> {
  const subnet = parseNetwork(host.subnet);
  if (subnet === undefined) throw new Error(`${host.subnet} is not a network`);
  return new Map(
    table.chains.filter(isContainerChain).map((chain) => {
      const around = table.rules.filter((rule) => rule.chain === chain || rule.target === chain);
      const owners = around.map((rule) => ofRule(rule, host.bridge, subnet));
      return [chain, owners.includes("own") ? "own" : owners.includes("foreign") ? "foreign" : "unclear"];
    }),
  );
}

/** Whose a rule is, judged by its addresses and interfaces and by the container chain it belongs or jumps to. */
export function ruleOwner(rule: SavedRule, owners: ReadonlyMap<string, Ownership>, host: HostNetwork): Ownership {
  const byChain = owners.get(rule.chain) ?? owners.get(rule.target ?? "");
  if (byChain !== undefined && byChain !== "unclear") return byChain;
  const subnet = parseNetwork(host.subnet);
  return subnet === undefined ? "unclear" : ofRule(rule, host.bridge, subnet);
}
