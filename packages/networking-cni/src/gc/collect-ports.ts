import { elementComment } from "../lean/port-elements.js";
import { isInUse, type Collection } from "./collect.js";

/** Removes the published ports of lean mode whose container nobody knows any more. */
export async function collectPorts(collection: Collection): Promise<void> {
  const { parts, lists, kept, stale, dryRun, signal, findings } = collection;
  for (const list of lists.filter(({ name }) => parts.networks.isDefault(name))) {
    const known = (dryRun ? [...kept, ...stale] : kept).map(({ containerId }) => containerId);
    const comments = new Set(known.map(elementComment));
    const removed = await parts.lean.collect(
      list,
      // An id that is too long for a comment is not to be told from its digest; records know it.
      ({ comment }) => comment !== "" && !comments.has(comment) && !isInUse(collection, comment, list.name),
      { dryRun, signal },
    );
    findings.ports.push(...removed);
  }
}
