import { LABEL } from "../container/label-names.js";
import type { RuntimeContext } from "../context.js";
import type { ImageRecord } from "./image-record.js";

/**
 * The names of containers by the image reference that they were made from; those of other clients are seen too.
 *
 * @param without the full ids of containers that do not count
 */
export async function imageUses(
  context: RuntimeContext,
  options: { signal?: AbortSignal },
  without: readonly string[] = [],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const uses = new Map<string, string[]>();
  for await (const { container } of context.client.containers.listStream({ filters: [] }, options)) {
    if (container === undefined || container.image === "" || without.includes(container.id)) continue;
    const users = uses.get(container.image) ?? [];
    users.push(container.labels[LABEL.name] ?? container.id);
    uses.set(container.image, users);
  }
  return uses;
}

/** The containers that were made from an image, under any of the names that it has now. */
export function usersOf(
  digest: string,
  records: readonly ImageRecord[],
  uses: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  return records
    .filter(({ target }) => target.digest === digest)
    .flatMap(({ name }) => uses.get(name) ?? [])
    .sort();
}
