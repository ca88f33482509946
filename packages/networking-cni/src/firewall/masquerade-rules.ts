import { chainName } from "../protocol/chain-name.js";
import { parseSubnet, subnetText } from "../net/subnet.js";
import type { TableEdit } from "./attachment-rules.js";
import type { SavedTable } from "./saved-rules.js";

/** Whose traffic is masqueraded. */
export interface MasqueradeOwner {
  readonly network: string;
  readonly containerId: string;
  /** Addresses of one family, with their prefix lengths. */
  readonly addresses: readonly string[];
}

/** What is never masqueraded: groups. */
const GROUPS = { 4: "224.0.0.0/4", 6: "ff00::/8" } as const;

/**
 * Puts the masquerade chain of an attachment back, as `bridge` and `ptp` make it (`ipMasq`): the plugins do that at ADD
 * only, which cannot be repeated. Nothing where it is whole.
 */
export function masqueradeRules(tables: readonly SavedTable[], owner: MasqueradeOwner): readonly TableEdit[] {
  const chain = chainName("CNI-", owner.network, owner.containerId);
  const comment = `-m comment --comment "name: \\"${owner.network}\\" id: \\"${owner.containerId}\\""`;
  const nat = tables.find(({ name }) => name === "nat");
  const present = new Set(nat?.rules ?? []);
  const subnets = owner.addresses.flatMap((address) => parseSubnet(address) ?? []);
  const first = subnets[0];
  if (first === undefined) return [];
  const own = [
    ...subnets.map((subnet) => `-A ${chain} -d ${subnetText(subnet)} ${comment} -j ACCEPT`),
    `-A ${chain} ! -d ${GROUPS[first.family]} ${comment} -j MASQUERADE`,
  ];
  const length = first.family === 4 ? "32" : "128";
  const jumps = owner.addresses.map(
    (address) => `-A POSTROUTING -s ${address.split("/")[0] ?? ""}/${length} ${comment} -j ${chain}`,
  );
  const lines = [
    // Naming the chain makes it, or empties it.
    ...(own.every((rule) => present.has(rule)) ? [] : [`:${chain} - [0:0]`, ...own]),
    ...jumps.filter((rule) => !present.has(rule)),
  ];
  return lines.length === 0 ? [] : [{ table: "nat", lines }];
}
