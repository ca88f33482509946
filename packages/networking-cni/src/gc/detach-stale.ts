import { Deadline } from "../manager/deadline.js";
import { detach, detachRecords } from "../manager/detach.js";
import type { ManagerParts } from "../manager/parts.js";
import { errorMessage } from "../plugin/error-code.js";
import type { AttachmentRecord } from "../record/attachment-record.js";
import type { Findings } from "./findings.js";
import type { ValidSet } from "./valid-set.js";

/** How stale attachments are detached. */
export interface StaleScope {
  readonly dryRun: boolean;
  readonly valid: ValidSet;
  readonly signal: AbortSignal;
  readonly findings: Findings;
}

/** Detaches what is stale, from its records. Resolves with the records that could not be removed. */
export async function detachStale(
  parts: ManagerParts,
  stale: readonly AttachmentRecord[],
  all: readonly AttachmentRecord[],
  scope: StaleScope,
): Promise<readonly AttachmentRecord[]> {
  const left: AttachmentRecord[] = [];
  const containers = new Set(stale.map(({ containerId }) => containerId));
  await Promise.all(
    Array.from(containers, async (containerId) => {
      const records = stale.filter((record) => record.containerId === containerId);
      const whole =
        !scope.valid.hasContainer(containerId) &&
        all.every((record) => record.containerId !== containerId || records.includes(record));
      const failed = scope.dryRun ? [] : await detachContainer(parts, containerId, records, whole, scope);
      left.push(...failed);
      for (const record of records.filter((one) => !failed.includes(one))) {
        const { ifName, networkName } = record;
        scope.findings.attachments.push({ containerId, ifName, network: networkName });
      }
    }),
  );
  return left;
}

/** Under the closed gate no lock of the container is needed. */
async function detachContainer(
  parts: ManagerParts,
  containerId: string,
  records: readonly AttachmentRecord[],
  whole: boolean,
  { signal, findings }: StaleScope,
): Promise<readonly AttachmentRecord[]> {
  const left: AttachmentRecord[] = [];
  const attempt = async (own: readonly AttachmentRecord[], undo: (inner: AbortSignal) => Promise<void>) => {
    try {
      using deadline = new Deadline(parts.timeouts.detachMs, `detach of container ${containerId}`, signal);
      await undo(deadline.signal);
    } catch (error) {
      signal.throwIfAborted();
      findings.failed.push({ what: `container ${containerId}`, message: errorMessage(error) });
      left.push(...own);
    }
  };
  if (whole) await attempt(records, (inner) => detach(parts, containerId, inner));
  else {
    for (const only of records) {
      await attempt([only], (inner) =>
        detachRecords(parts, containerId, { signal: inner, namespaceGoes: false, only }),
      );
    }
  }
  return left;
}
