import { RuntimeError } from "@voiyd/runtime-api";
import { waitForOutlived } from "../netns/outlived-workers.js";
import { errorMessage } from "../plugin/error-code.js";
import { isInterfaceName } from "../protocol/identifiers.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import { decodeLegacyResult } from "../record/decode-record.js";
import type { UnreadableRecord } from "../record/record-store.js";
import type { ManagerParts } from "./parts.js";
import { teardown } from "./teardown.js";

/** How far a detach goes. */
export interface DetachScope {
  readonly signal: AbortSignal;
  /** Whether the namespace is removed as well. */
  readonly namespaceGoes: boolean;
  /** This attachment only. Default: all of the container. */
  readonly only?: AttachmentRecord;
}

/** Detaches a container from everything and removes its namespace, under its lock. See `NetworkManager.detach`. */
export async function detach(parts: ManagerParts, containerId: string, signal: AbortSignal): Promise<void> {
  const leftovers: string[] = [];
  try {
    await detachRecords(parts, containerId, { signal, namespaceGoes: true });
  } catch (error) {
    signal.throwIfAborted();
    leftovers.push(...leftoversOf(error));
  }
  await parts.records.discardTemporary(containerId);
  // Last, and in every case: the interfaces go with it.
  try {
    await parts.namespaces.remove(containerId, signal);
  } catch (error) {
    signal.throwIfAborted();
    leftovers.push(errorMessage(error));
  }
  if (leftovers.length > 0) throw teardownFailed(containerId, leftovers);
}

/** Undoes all attachments of a container, the last network first. Throws `NETWORK_TEARDOWN_FAILED`. */
export async function detachRecords(parts: ManagerParts, containerId: string, scope: DetachScope): Promise<void> {
  const found = await parts.records.find(containerId);
  const netns = parts.namespaces.path(containerId);
  const all = [...found.records, ...found.unreadable.flatMap((file) => rebuild(file, containerId, netns))];
  const records = scope.only === undefined ? all : all.filter((record) => isSame(record, scope.only));
  if (await mayBeUnfinished(parts, containerId, records)) {
    await waitForOutlived(parts.host, containerId, parts.timeouts.outlivedMs, scope.signal);
  }
  const leftovers: string[] = [];
  for (const record of records.toReversed()) {
    try {
      leftovers.push(...(await teardown(parts, record, scope)));
    } catch (error) {
      scope.signal.throwIfAborted();
      leftovers.push(...leftoversOf(error));
    }
  }
  try {
    await parts.hosts.update(records, scope.only === undefined ? undefined : containerId, scope.signal);
  } catch (error) {
    scope.signal.throwIfAborted();
    leftovers.push(errorMessage(error));
  }
  if (leftovers.length > 0) throw teardownFailed(containerId, leftovers);
}

function isSame(a: AttachmentRecord, b: AttachmentRecord | undefined): boolean {
  return a.networkName === b?.networkName && a.ifName === b.ifName;
}

/** Whether a process may have died in the middle of it, and its plugins still be at work. */
async function mayBeUnfinished(
  parts: ManagerParts,
  containerId: string,
  records: readonly AttachmentRecord[],
): Promise<boolean> {
  if (records.length > 0) return records.some(({ state }) => state?.phase !== "attached");
  return (await parts.namespaces.inspect(parts.namespaces.path(containerId))).exists;
}

/**
 * What an empty, cut-off or very old file among the records still says by its name, `<network>-<container>-<interface>`.
 * Only interfaces that we and others commonly name are taken for one: the name alone is ambiguous.
 */
function rebuild({ file, text }: UnreadableRecord, containerId: string, netns: string): readonly AttachmentRecord[] {
  const end = file.lastIndexOf(`-${containerId}-`);
  const networkName = file.slice(0, end);
  const ifName = file.slice(end + containerId.length + 2);
  if (networkName === "" || !/^[a-z]+\d+$/.test(ifName) || !isInterfaceName(ifName)) return [];
  const result = decodeLegacyResult(text);
  return [{ networkName, containerId, ifName, netns, config: "", ...(result === undefined ? {} : { result }) }];
}

function leftoversOf(error: unknown): readonly string[] {
  const listed = error instanceof RuntimeError ? error.details["leftovers"] : undefined;
  return Array.isArray(listed) ? listed.map(String) : [errorMessage(error)];
}

function teardownFailed(containerId: string, leftovers: readonly string[]): RuntimeError {
  return new RuntimeError(
    "NETWORK_TEARDOWN_FAILED",
    `container ${containerId}: not everything of its networks could be removed: ${leftovers.join("; ")}`,
    {
      hint: "Remove the reason and detach it again",
      details: { containerId, leftovers },
    },
  );
}
