import { isRuntimeError } from "@voiyd/runtime-api";
import { errorMessage } from "../plugin/error-code.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { publishedPorts } from "../record/decode-record.js";
import { deleteChain, type FailedDelete } from "./delete-chain.js";
import { guardedNamespace } from "./namespace-guard.js";
import type { ManagerParts } from "./parts.js";
import type { AttachmentCall } from "./plugin-request.js";
import { recordConfig, recordVersion } from "./record-config.js";
import { addressesOf, sweepAttachment } from "./sweep.js";

/** What is different from an ordinary detach. */
export interface TeardownOptions {
  readonly signal: AbortSignal;
  /** Keep the record, and with it the ports: the attach is about to be repeated. */
  readonly keepRecord?: boolean;
  /** Whether the namespace, and every interface in it, is removed afterwards. */
  readonly namespaceGoes: boolean;
}

/** Plugins whose doings the sweep knows completely: their DEL may fail, or they may be gone. */
const SWEPT: readonly string[] = ["portmap", "firewall", "tuning", "loopback"];
/** Those too, once the namespace is removed with the interface in it. */
const SWEPT_WITH_NAMESPACE: readonly string[] = ["bridge", "ptp"];
const SWEPT_IPAM: readonly (string | undefined)[] = [undefined, "host-local", "static"];

/**
 * Undoes one attachment from its record alone: the configuration may have been deleted, plugins be missing, the
 * namespace be gone. The record stays until all is undone. Resolves with what is left, one line each.
 */
export async function teardown(
  parts: ManagerParts,
  record: AttachmentRecord,
  options: TeardownOptions,
): Promise<readonly string[]> {
  const { signal, namespaceGoes, keepRecord = false } = options;
  if (record.state !== undefined && record.state.phase !== "deleting") await putPhase(parts, record, "deleting");
  const list = await recordConfig(parts, record);
  const version = recordVersion(record, list);
  const binDirs = await parts.binDirs();
  const namespacePath = await guardedNamespace(parts, record);
  const call = { record, list, version, binDirs, namespacePath };
  const addresses = await addressesOf(call);
  const unfinished = record.state?.phase !== "attached";
  const stuck = await unpublish(parts, call, addresses, unfinished, signal);
  const failed = await parts.slots.run(() => deleteChain(parts, call, signal), signal);
  const thorough = failed.length > 0 || call.namespacePath === "" || unfinished;
  const unswept = await sweepAttachment(parts, call, { addresses, thorough }, signal);
  const leftovers = [
    ...failed.filter((one) => !isSwept(one, namespaceGoes)).map((one) => describe(record, one)),
    ...unswept,
    ...stuck,
  ];
  for (const one of failed)
    parts.logger.warn("DEL failed", {
      containerId: record.containerId,
      plugin: one.plugin.type,
      error: errorMessage(one.error),
    });
  if (leftovers.length > 0) await putPhase(parts, record, "broken");
  else if (!keepRecord) await parts.records.remove(record);
  return leftovers;
}

/** Nothing comes to the container any more before its address is given back. Resolves with what is left. */
async function unpublish(
  parts: ManagerParts,
  { record, list }: AttachmentCall,
  addresses: readonly string[],
  thorough: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const owner = { containerId: record.containerId, addresses, ports: publishedPorts(record) };
  try {
    const removed = await parts.lean.unpublish(record, list, owner, thorough, signal);
    if (removed.length > 0) parts.logger.info("swept ports", { containerId: record.containerId, removed });
    return [];
  } catch (error) {
    signal.throwIfAborted();
    return [`network ${record.networkName}: published ports: ${errorMessage(error)}`];
  }
}

/** After a power loss all records are of an earlier boot, whatever phase they name: nobody waits for the disk. */
async function putPhase(
  { records }: ManagerParts,
  record: AttachmentRecord,
  phase: "deleting" | "broken",
): Promise<void> {
  const transient = phase === "deleting";
  if (record.state !== undefined) await records.put({ ...record, state: { ...record.state, phase } }, { transient });
}

function isSwept({ plugin: { type, ipamType } }: FailedDelete, namespaceGoes: boolean): boolean {
  if (!SWEPT_IPAM.includes(ipamType)) return false;
  return SWEPT.includes(type) || (namespaceGoes && SWEPT_WITH_NAMESPACE.includes(type));
}

function describe(record: AttachmentRecord, { plugin, error }: FailedDelete): string {
  const prefix = `network ${record.networkName}: `;
  const message = errorMessage(error);
  return isRuntimeError(error) ? message : `${prefix}plugin ${plugin.type}: ${message}`;
}
