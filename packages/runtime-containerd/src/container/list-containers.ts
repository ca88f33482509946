import type { Container, ListOptions } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { startBounded } from "../concurrency/bounded.js";
import { type ContainerRecord, listRecords } from "./container-store.js";
import { filter, hasLabel, labelIs } from "./filter.js";
import { LABEL } from "./label-names.js";
import { readContainer } from "./read-container.js";

/** Tasks asked for their state at the same time. */
const PARALLEL_READS = 16;

/** All containers with their states. One that cannot be read does not stop the others. */
export async function listContainers(context: RuntimeContext, options: ListOptions): Promise<Container[]> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const wanted = Object.entries(options.labels ?? {});
  // Containerd keeps no label without a value, so these are compared here alone.
  const conditions = wanted.filter(([, value]) => value !== "").map(([key, value]) => labelIs(key, value));
  const filters = conditions.length === 0 ? [] : [filter(hasLabel(LABEL.name), ...conditions)];
  const records: ContainerRecord[] = [];
  for await (const record of listRecords(context, filters, call)) records.push(record);

  const containers = new Map<string, Container>();
  await Promise.all(
    startBounded(records, PARALLEL_READS, async (record) => {
      containers.set(record.id, await readContainer(context, record, call));
    }),
  );
  return records
    .flatMap((record) => containers.get(record.id) ?? [])
    .filter(({ meta }) =>
      wanted.every(([key, value]) => Object.hasOwn(meta.labels, key) && meta.labels[key] === value),
    );
}
