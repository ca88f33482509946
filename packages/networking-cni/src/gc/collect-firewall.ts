import type { Family } from "../firewall/firewall.js";
import { garbageRules, type NamedOwner, type RuleGarbage } from "../firewall/garbage-rules.js";
import { leaseDirs, readLeases } from "../ipam/host-local-leases.js";
import { subnetsOf } from "../config/subnets-of.js";
import { recordResult } from "../record/record-result.js";
import { contains } from "../net/subnet.js";
import { goesWithStale, isInUse, type Collection } from "./collect.js";

const FAMILIES: readonly Family[] = [4, 6];

/** Removes the rules of attachments that nobody knows any more, seen in one listing of all rules a family. */
export async function collectFirewall(collection: Collection): Promise<void> {
  const { parts, dryRun, signal, findings } = collection;
  const garbage = await ruleGarbage(collection);
  for (const family of FAMILIES) {
    const removed = dryRun
      ? garbageRules(await parts.firewall.read(family, signal), garbage).flatMap(({ lines }) => lines)
      : await parts.firewall.change(family, (tables) => garbageRules(tables, garbage), signal);
    findings.rules.push(...removed);
  }
}

async function ruleGarbage(collection: Collection): Promise<RuleGarbage> {
  const { lists, dryRun, kept, stale } = collection;
  const names = new Set(lists.map(({ name }) => name));
  const leases = (await Promise.all(lists.flatMap(leaseDirs).map((dir) => readLeases(dir)))).flat();
  // In a dry run what is stale has its rules and addresses still; they go with it.
  const recorded = (dryRun ? [...kept, ...stale] : kept).flatMap((record) =>
    recordResult(record, record.state?.cniVersion ?? "").ips.map(({ address }) => address.split("/")[0] ?? ""),
  );
  const stillGiven = dryRun ? leases.filter(({ address }) => !isFreed(collection, address)) : leases;
  const taken = new Set([...stillGiven.map(({ address }) => address), ...recorded]);
  // Of addresses of another IPAM plugin there is no saying who has them.
  const subnets = lists.filter((list) => leaseDirs(list).length > 0).flatMap(subnetsOf);
  return {
    isStale: ({ network, containerId }: NamedOwner) =>
      names.has(network) &&
      !isInUse(collection, containerId, network) &&
      !(dryRun && goesWithStale(collection, containerId, network)),
    isStray: (address) => !taken.has(address) && subnets.some((subnet) => contains(subnet, address)),
  };
}

function isFreed({ findings }: Collection, address: string): boolean {
  return findings.leases.some((lease) => lease.address === address);
}
