import { chainOwners, type HostNetwork, type Ownership, ruleOwner } from "../netfilter/own-rules.js";
import { readOwnNftTables } from "../netfilter/own-nft-tables.js";
import { readRules } from "../netfilter/read-rules.js";
import { addressesOf, isContainerChain, type SavedRule, type SavedRules } from "../netfilter/saved-rules.js";
import type { InventoryScope, LeakInventory } from "./leak-inventory.js";
import type { Look } from "./until-clear.js";

type Kinds = Pick<LeakInventory, "cniChains" | "cniRules">;

/** `name: "<network>" id: "<container>"`, as the bridge and portmap plugins comment their rules. */
const CONTAINER_COMMENT = /--comment "(?:[^"\\]|\\.)*id: \\"/u;

/**
 * Whether a rule exists for the sake of one container. What the plugins set up once for all (the shared chains, the jumps
 * into them, the rules of a bridge) stays behind by their design.
 */
export function isContainerRule(rule: SavedRule): boolean {
  if (isContainerChain(rule.chain) || (rule.target !== undefined && isContainerChain(rule.target))) return true;
  if (CONTAINER_COMMENT.test(rule.text)) return true;
  const single =
    addressesOf(rule).some((address) => address.endsWith("/32") || !address.includes("/")) ||
    /\/128\b/u.test(rule.text);
  return single && /^(?:CNI-|VOIYD)/iu.test(rule.chain);
}

/** The chains and rules made for containers, those of other private hosts left out. */
export function containerRules(saved: readonly SavedRules[], host: HostNetwork, scope: InventoryScope): Look<Kinds> {
  const [cniChains, cniRules]: [string[], string[]] = [[], []];
  let unclear = 0;
  for (const { family, tables } of saved) {
    for (const table of tables) {
      const owners = chainOwners(table, host);
      const take = (list: string[], owner: Ownership, text: string): void => {
        if (scope === "host" && owner === "foreign") return;
        if (scope === "host" && owner === "unclear") unclear += 1;
        list.push(`${family} ${table.name} ${text}`);
      };
      for (const [chain, owner] of owners) take(cniChains, owner, chain);
      for (const rule of table.rules.filter(isContainerRule)) take(cniRules, ruleOwner(rule, owners, host), rule.text);
    }
  }
  return { seen: { cniChains, cniRules }, unclear };
}

export async function collectNetfilter(host: HostNetwork, scope: InventoryScope): Promise<Look<Kinds>> {
  const [saved, elements] = await Promise.all([readRules(), readOwnNftTables(host, scope === "machine")]);
  const { seen, unclear } = containerRules(saved, host, scope);
  return { seen: { ...seen, cniRules: [...seen.cniRules, ...elements] }, unclear };
}
