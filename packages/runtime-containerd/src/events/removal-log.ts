import { join } from "node:path";
import { type ContainerRecord, readRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { formatRemoval, parseRemoval, type Removal, removalOf } from "./removal.js";

type Options = { signal?: AbortSignal };

/** The size in bytes at which a file of removals is put aside: about a thousand of them, and one such file is kept. */
const MAX_BYTES = 512 * 1024;

/** Where the removals of a namespace are kept. No container's folder is called so: theirs have a hyphen and an id. */
function paths({ stateDir, namespace }: RuntimeContext): { readonly current: string; readonly full: string } {
  const current = join(stateDir, `removals-${namespace}.log`);
  return { current, full: `${current}.1` };
}

/**
 * Keeps what is known of a container that is about to lose its record. The daemon remembers nothing of it, and whoever
 * follows the events may be cut off just then. A host on which it cannot be kept removes containers all the same.
 */
export async function keepRemoval(context: RuntimeContext, before: ContainerRecord, options: Options): Promise<void> {
  if (before.phase === "creating") return;
  const { current, full } = paths(context);
  const { files, lock } = context.host;
  try {
    const hasEnded = before.exit !== undefined || before.network.startedAt === undefined;
    const record = hasEnded ? before : ((await readRecord(context, before.id, options)) ?? before);
    await files.append(current, formatRemoval(removalOf(record, new Date())));
    if ((await files.size(current)) <= MAX_BYTES) return;
    await lock(`removals ${current}`, async () => {
      // Another process may just have done it.
      if ((await files.size(current)) > MAX_BYTES) await files.rename(current, full);
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    context.logger.warn("a removal is not kept for those who follow the events", { container: before.id, error });
  }
}

/** The containers that were removed since then, as far as is kept. One whose removal failed at first is there once. */
export async function readRemovals(context: RuntimeContext, since: Date): Promise<ReadonlyMap<string, Removal>> {
  const { current, full } = paths(context);
  const removals = new Map<string, Removal>();
  // The full one first; what is put aside in between is read twice.
  for (const path of [full, current]) {
    for (const line of (await readIfThere(context, path)).split("\n")) {
      const removal = parseRemoval(line);
      if (removal !== undefined && removal.removed >= since) removals.set(removal.id, removal);
    }
  }
  return removals;
}

async function readIfThere(context: RuntimeContext, path: string): Promise<string> {
  try {
    return await context.host.files.read(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    return "";
  }
}
