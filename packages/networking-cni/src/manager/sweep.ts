import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Family } from "../firewall/firewall.js";
import { freeLeases, isLeaseOf, leaseDirs, readLeases } from "../ipam/host-local-leases.js";
import { leanNetworkOf } from "../lean/lean-network.js";
import { errorMessage } from "../plugin/error-code.js";
import { familyOf } from "../protocol/convert-result.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { recordResult } from "../record/record-result.js";
import type { ManagerParts } from "./parts.js";
import type { AttachmentCall } from "./plugin-request.js";

/** The plugins that make rules, and which is thus worth looking for. */
const RULE_MAKERS: readonly string[] = ["bridge", "ptp", "portmap", "firewall"];
/** Where the tuning plugin keeps what it has changed. */
const TUNING_DIR = "/run/cni/tuning";

/** How far a sweep looks. */
export interface SweepScope {
  /** The addresses that the attachment had before its DELs. */
  readonly addresses: readonly string[];
  /** Look everywhere, not only where something is to be expected. */
  readonly thorough: boolean;
}

/** The addresses of an attachment; where its result is lost, those that were given out to it. */
export async function addressesOf({ record, list, version }: AttachmentCall): Promise<readonly string[]> {
  const recorded = recordResult(record, version).ips.map(({ address }) => address.split("/")[0] ?? "");
  if (recorded.length > 0) return recorded;
  const leases = (await Promise.all(leaseDirs(list).map((dir) => readLeases(dir)))).flat();
  return leases.filter((lease) => isLeaseOf(lease, record)).map(({ address }) => address);
}

/**
 * Looks whether anything of the attachment is left after its DELs, and removes it: the plugins answer "success" too when
 * they could not find what to remove (no namespace, no earlier result, no port mappings in the request). Resolves with
 * what could not be removed.
 */
export async function sweepAttachment(
  parts: Pick<ManagerParts, "firewall" | "records" | "logger">,
  { record, list }: AttachmentCall,
  { addresses, thorough }: SweepScope,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const leftovers: string[] = [];
  const attempt = async (what: string, sweep: () => Promise<readonly string[]>): Promise<void> => {
    try {
      const removed = await sweep();
      if (removed.length > 0)
        parts.logger.info(`swept ${what}`, { containerId: record.containerId, network: record.networkName, removed });
    } catch (error) {
      leftovers.push(`network ${record.networkName}: ${what}: ${errorMessage(error)}`);
    }
  };
  await Promise.all([
    ...leaseDirs(list).map((dir) =>
      attempt(`addresses in ${dir}`, () =>
        freeLeases(dir, record, thorough || addresses.length === 0 ? undefined : addresses),
      ),
    ),
    attempt("firewall rules", async () => {
      if (leanNetworkOf(list) !== undefined || !list.plugins.some(({ type }) => RULE_MAKERS.includes(type))) return [];
      const own = await notReassigned(parts, record, addresses);
      const owner = { network: record.networkName, containerId: record.containerId, addresses: own };
      return parts.firewall.sweep(owner, families(addresses, thorough), signal);
    }),
    attempt("tuning state", async () => {
      if (!list.plugins.some(({ type }) => type === "tuning")) return [];
      await rm(join(TUNING_DIR, `${record.containerId}_${record.ifName}.json`), { force: true });
      return [];
    }),
  ]);
  return leftovers;
}

/** Whoever got the address after the DEL has recorded it before making a rule for it. */
async function notReassigned(
  { records }: Pick<ManagerParts, "records">,
  record: AttachmentRecord,
  addresses: readonly string[],
): Promise<readonly string[]> {
  if (addresses.length === 0) return [];
  const others = (await records.list()).records.filter(({ containerId }) => containerId !== record.containerId);
  const theirs = new Set(
    others.flatMap((other) => recordResult(other, "").ips.map(({ address }) => address.split("/")[0])),
  );
  return addresses.filter((address) => !theirs.has(address));
}

function families(addresses: readonly string[], thorough: boolean): readonly Family[] {
  if (thorough || addresses.length === 0) return [4, 6];
  return ([4, 6] as const).filter((family) => addresses.some((address) => familyOf(address) === String(family)));
}
