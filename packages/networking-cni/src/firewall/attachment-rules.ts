import { isIPv6 } from "node:net";
import { chainName } from "../protocol/chain-name.js";
import { targetOf, type SavedTable } from "./saved-rules.js";

/** Whose rules are looked for. */
export interface RuleOwner {
  readonly network: string;
  readonly containerId: string;
  /** Addresses, without prefix lengths, that belonged to nobody but the container. */
  readonly addresses: readonly string[];
}

/** What has to be done in one table so that nothing of an attachment is left in it; lines for `iptables-restore`. */
export interface TableEdit {
  readonly table: string;
  readonly lines: readonly string[];
}

/** The chain that the firewall plugin keeps its rules in; they name nobody, only addresses. */
const FORWARD_CHAIN = "CNI-FORWARD";

/**
 * What the plugins left of an attachment. Chains go by their computed names, so nothing has to be known but the network
 * and the container.
 */
export function attachmentRules(tables: readonly SavedTable[], owner: RuleOwner): readonly TableEdit[] {
  const sources = owner.addresses.map((address) => `${address}/${isIPv6(address) ? "128" : "32"}`);
  return removal(tables, chainsOf(owner), (rule) => sources.some((source) => isForwardOf(rule, source)));
}

/** The chains that the plugins make for one attachment. */
export function chainsOf({ network, containerId }: Pick<RuleOwner, "network" | "containerId">): readonly string[] {
  return (["CNI-", "CNI-DN-", "CNI-SN-"] as const).map((prefix) => chainName(prefix, network, containerId));
}

/** Removes chains and rules. Jumps go before the chains, as a chain in use cannot be removed. */
export function removal(
  tables: readonly SavedTable[],
  chains: readonly string[],
  picks: (rule: string) => boolean,
): readonly TableEdit[] {
  return tables.flatMap(({ name, chains: present, rules }) => {
    const own = chains.filter((chain) => present.has(chain));
    const others = rules.filter((rule) => chains.includes(targetOf(rule)) || picks(rule));
    const lines = [
      ...others.map((rule) => rule.replace(/^-A /, "-D ")),
      ...own.map((chain) => `-F ${chain}`),
      ...own.map((chain) => `-X ${chain}`),
    ];
    return lines.length === 0 ? [] : [{ table: name, lines }];
  });
}

function isForwardOf(rule: string, source: string): boolean {
  return rule.startsWith(`-A ${FORWARD_CHAIN} -s ${source} `) || rule.startsWith(`-A ${FORWARD_CHAIN} -d ${source} `);
}

/** The address that a rule of the firewall plugin is about; `undefined` for any other rule. */
export function forwardAddress(rule: string): string | undefined {
  return /^-A CNI-FORWARD -[sd] ([0-9a-fA-F.:]+)\/(?:32|128) /.exec(rule)?.[1];
}
