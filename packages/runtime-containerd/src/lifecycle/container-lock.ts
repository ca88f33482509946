import { RuntimeError } from "@voiyd/runtime-api";
import { type ContainerRecord, readRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";

type Options = { signal?: AbortSignal };

/**
 * Does something to a container that takes several steps, one such at a time on this host, with the record as it is by
 * then. Throws `NOT_FOUND` where it has been deleted meanwhile.
 */
export function withContainer<T>(
  context: RuntimeContext,
  id: string,
  options: Options,
  action: (record: ContainerRecord) => Promise<T>,
): Promise<T> {
  const key = `container:${context.client.address}:${context.namespace}:${id}`;
  return context.host.lock(
    key,
    async () => {
      const record = await readRecord(context, id, options);
      if (record === undefined || record.phase === "deleting") {
        throw new RuntimeError("NOT_FOUND", `container ${id} has been deleted, or is being deleted`, {
          details: { container: id },
        });
      }
      return action(record);
    },
    options,
  );
}
