import { isOrphan } from "../manager/recover.js";
import { errorMessage } from "../plugin/error-code.js";
import type { Collection } from "./collect.js";

/** Removes pinned namespaces that nothing is recorded about, nobody is in, and whose maker is gone. */
export async function collectNamespaces({ parts, valid, dryRun, signal, findings, kept }: Collection): Promise<void> {
  const { stale, namespaces } = { stale: findings.attachments, namespaces: parts.namespaces };
  const known = new Set([...kept, ...stale].map(({ containerId }) => containerId));
  for (const containerId of await namespaces.list()) {
    if (known.has(containerId) || valid.hasContainer(containerId) || !(await isOrphan(parts, containerId))) continue;
    try {
      if (!dryRun) await namespaces.remove(containerId, signal);
      findings.namespaces.push(containerId);
    } catch (error) {
      signal.throwIfAborted();
      findings.failed.push({ what: `namespace of container ${containerId}`, message: errorMessage(error) });
    }
  }
}
