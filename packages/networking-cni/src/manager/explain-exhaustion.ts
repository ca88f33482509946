import { isRuntimeError, RuntimeError } from "@voiyd/runtime-api";
import { rangesOf } from "../config/subnets-of.js";
import { isLeaseOf, leaseDirs, readLeases } from "../ipam/host-local-leases.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import { freeAddresses } from "../status/free-addresses.js";
import type { ManagerParts } from "./parts.js";

/**
 * Says of a network without free addresses how many there are, and how many of them belong to no attachment that is
 * recorded, so that `gc` could free them. Any other error comes back as it is.
 */
export async function explainExhaustion(
  { records }: Pick<ManagerParts, "records">,
  list: NetworkConfigList,
  error: unknown,
): Promise<unknown> {
  const dirs = leaseDirs(list);
  if (!isRuntimeError(error, "NETWORK_ADDRESSES_EXHAUSTED") || dirs.length === 0) return error;
  const leases = (await Promise.all(dirs.map((dir) => readLeases(dir)))).flat();
  const known = (await records.list()).records.filter(({ networkName }) => networkName === list.name);
  const reclaimable = leases.filter((lease) => !known.some((record) => isLeaseOf(lease, record))).length;
  const given = leases.map(({ address }) => address);
  const ranges = rangesOf(list).flatMap((range) => freeAddresses(range, given));
  const full = ranges.find(({ free }) => free <= 0) ?? ranges[0];
  if (full === undefined) return error;
  const used = full.total - full.free;
  const garbage = reclaimable === 0 ? "" : `; ${String(reclaimable)} belong to no known attachment`;
  return new RuntimeError(
    "NETWORK_ADDRESSES_EXHAUSTED",
    `${error.message} (${String(used)} of ${String(full.total)} addresses of ${full.subnet} are given out${garbage})`,
    {
      cause: error,
      hint: `${reclaimable === 0 ? "" : "Free what nobody uses with gc(); or: "}${error.hint ?? ""}`,
      // Trying again helps once gc has freed something, and not before.
      details: { ...error.details, subnet: full.subnet, used, total: full.total, reclaimable },
    },
  );
}
