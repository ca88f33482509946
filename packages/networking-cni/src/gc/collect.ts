import { errorMessage } from "../plugin/error-code.js";
import type { NetworkConfigList } from "../protocol/config-list.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import type { ManagerParts } from "../manager/parts.js";
import { detachStale } from "./detach-stale.js";
import { Findings } from "./findings.js";
import { collectFirewall } from "./collect-firewall.js";
import { collectInterfaces } from "./collect-interfaces.js";
import { collectLeases } from "./collect-leases.js";
import { collectNamespaces } from "./collect-namespaces.js";
import { collectPorts } from "./collect-ports.js";
import { collectPlugins } from "./collect-plugins.js";
import type { GcOptions, GcReport, ValidAttachment } from "./report.js";
import { ValidSet } from "./valid-set.js";

/** What each step of a collection goes by. */
export interface Collection {
  readonly parts: ManagerParts;
  readonly valid: ValidSet;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** The networks that are looked through. */
  readonly lists: readonly NetworkConfigList[];
  /** What is detached, or would be. */
  readonly stale: readonly AttachmentRecord[];
  /** All other records, and those that could not be detached. */
  readonly kept: readonly AttachmentRecord[];
  readonly findings: Findings;
}

/** Removes what nobody knows any more, while the gate is closed. See `CniNetworkManager.gc`. */
export async function collect(
  parts: ManagerParts,
  valid: Iterable<ValidAttachment>,
  options: GcOptions,
  signal: AbortSignal,
): Promise<GcReport> {
  const { dryRun = false, allowEmpty = false } = options;
  const set = new ValidSet(valid, allowEmpty);
  const { records } = await parts.records.list();
  const lists = await listsInScope(parts, records, options);
  const stale = await staleRecords(parts, records, set, options);
  const findings = new Findings();
  const left = await detachStale(parts, stale, records, { dryRun, valid: set, signal, findings });
  const kept = records.filter((record) => !stale.includes(record) || left.includes(record));
  const collection: Collection = { parts, valid: set, dryRun, signal, lists, stale, kept, findings };
  // Plugins first: what is left after them is looked for, rules by the addresses that are given out last.
  const steps = [
    collectPlugins,
    collectPorts,
    collectLeases,
    collectFirewall,
    collectInterfaces,
    collectNamespaces,
  ] as const;
  for (const step of steps) {
    signal.throwIfAborted();
    try {
      await step(collection);
    } catch (error) {
      signal.throwIfAborted();
      findings.failed.push({ what: step.name, message: errorMessage(error) });
    }
  }
  return findings.report(dryRun);
}

/** Whether anybody needs what a container has on a network: the caller, or a record that stays. */
export function isInUse({ valid, kept }: Collection, containerId: string, network: string): boolean {
  if (valid.hasContainer(containerId)) return true;
  return kept.some((record) => record.containerId === containerId && record.networkName === network);
}

/** Whether it goes with one of the stale attachments, and is thus not listed again. */
export function goesWithStale({ stale }: Collection, containerId: string, network: string): boolean {
  return stale.some((record) => record.containerId === containerId && record.networkName === network);
}

/** Networks that we have attached to, or that are ours; others may be the business of other programs alone. */
async function listsInScope(
  { networks }: ManagerParts,
  records: readonly AttachmentRecord[],
  { includeForeign = false }: GcOptions,
): Promise<readonly NetworkConfigList[]> {
  const used = new Set(records.filter(({ state }) => state !== undefined).map(({ networkName }) => networkName));
  const present = (await networks.list()).filter((list) => !list.disableGc);
  return present.filter((list) => includeForeign || networks.isOwn(list) || used.has(list.name));
}

async function staleRecords(
  { networks, now }: ManagerParts,
  records: readonly AttachmentRecord[],
  valid: ValidSet,
  { includeForeign = false, minAgeMs = 0 }: GcOptions,
): Promise<readonly AttachmentRecord[]> {
  const untouchable = new Set((await networks.list()).filter((list) => list.disableGc).map(({ name }) => name));
  const youngest = now() - minAgeMs;
  return records.filter((record) => {
    if (valid.has(record) || untouchable.has(record.networkName)) return false;
    if (record.state === undefined) return includeForeign;
    return record.state.createdAt <= youngest;
  });
}
