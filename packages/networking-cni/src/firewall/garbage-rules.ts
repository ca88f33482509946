import { chainsOf, forwardAddress, removal, type RuleOwner, type TableEdit } from "./attachment-rules.js";
import { commentOf, type SavedTable } from "./saved-rules.js";

/** Whose rules are garbage. */
export interface RuleGarbage {
  /** Whether nobody knows the attachment any more. */
  isStale(owner: NamedOwner): boolean;
  /** Whether the address is one of our networks' and given out to nobody. */
  isStray(address: string): boolean;
}

/** The attachment that a rule names in its comment. */
export type NamedOwner = Pick<RuleOwner, "network" | "containerId">;

/** The comments of `bridge`, `ptp` (`name: "<network>" id: "<container>"`) and `portmap` (with `dnat` in front). */
const COMMENT = /^(?:dnat )?name: "([^"]*)" id: "([^"]*)"/;

/** The attachments that the rules name, each once. */
export function namedOwners(tables: readonly SavedTable[]): readonly NamedOwner[] {
  const owners = new Map<string, NamedOwner>();
  for (const rule of tables.flatMap(({ rules }) => rules)) {
    const [, network, containerId] = COMMENT.exec(commentOf(rule)) ?? [];
    if (network !== undefined && containerId !== undefined) {
      owners.set(`${network} ${containerId}`, { network, containerId });
    }
  }
  return [...owners.values()];
}

/** What has to be removed so that no rule of a forgotten attachment is left. */
export function garbageRules(tables: readonly SavedTable[], garbage: RuleGarbage): readonly TableEdit[] {
  const stale = namedOwners(tables).filter((owner) => garbage.isStale(owner));
  return removal(tables, stale.flatMap(chainsOf), (rule) => {
    const address = forwardAddress(rule);
    return address !== undefined && garbage.isStray(address);
  });
}
