import { leaseDirs, readLeases } from "../ipam/host-local-leases.js";
import { leanNetworkOf, type LeanNetwork } from "../lean/lean-network.js";
import type { ManagerParts } from "./parts.js";
import { recordResult } from "../record/record-result.js";

/**
 * Brings the rules of lean mode together with the records: puts lost ones in force again, and removes published ports
 * that no record tells of and whose address is given out to nobody. Resolves with what it removed, one line each.
 */
export async function mendLean(parts: ManagerParts, signal: AbortSignal): Promise<readonly string[]> {
  const bootId = await parts.host.bootId();
  const { records } = await parts.records.list();
  const networks = new Map<string, LeanNetwork>();
  for (const { config, state } of records) {
    const network = state?.bootId === bootId ? leanNetworkOf({ text: config }) : undefined;
    if (network !== undefined) networks.set(network.table, network);
  }
  for (const network of networks.values()) {
    const problem = await parts.lean.restore(network, signal);
    if (problem !== "") parts.logger.warn("the rules of a network are not in force", { ...network, problem });
  }
  const lists = (await parts.networks.list()).filter(({ name }) => parts.networks.isDefault(name));
  if (lists.length === 0) return [];
  const leases = (await Promise.all(lists.flatMap(leaseDirs).map((dir) => readLeases(dir)))).flat();
  const recorded = records.flatMap((record) =>
    recordResult(record, record.state?.cniVersion ?? "").ips.map(({ address }) => address.split("/")[0] ?? ""),
  );
  const known = new Set([...leases.map(({ address }) => address), ...recorded]);
  const removed = lists.map((list) => parts.lean.removeStrays(list, (address) => known.has(address), signal));
  return (await Promise.all(removed)).flat();
}
