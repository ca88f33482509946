import type { Container, ListOptions } from "@voiyd/runtime-api";
import type { RuntimeContext } from "../context.js";
import { startBounded } from "../concurrency/bounded.js";
import { Turns } from "../concurrency/turns.js";
import { listTasks } from "../task/list-tasks.js";
import type { TaskState } from "../task/task-state.js";
import { type ContainerRecord, listRecords } from "./container-store.js";
import { filter, hasLabel, labelIs } from "./filter.js";
import { LABEL } from "./label-names.js";
import { eachLogDisk, sharedLogDisk } from "./log-disks.js";
import { readTaskInTime } from "../task/read-task-in-time.js";
import { withExit } from "../task/with-exit.js";
import { showContainer } from "./read-container.js";

/** Tasks asked for their state at the same time. */
const PARALLEL_READS = 16;

/**
 * All containers with their states. One that cannot be read does not stop the others. Where the tasks are known already, a
 * record is shown as soon as it comes, so that what is not needed of it (its specification is most of it) is not kept.
 */
export async function listContainers(context: RuntimeContext, options: ListOptions): Promise<Container[]> {
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const wanted = Object.entries(options.labels ?? {});
  // Containerd keeps no label without a value, so these are compared here alone.
  const conditions = wanted.filter(([, value]) => value !== "").map(([key, value]) => labelIs(key, value));
  const filters = conditions.length === 0 ? [] : [filter(hasLabel(LABEL.name), ...conditions)];
  const { shortcuts } = context;
  const everything = filters.length === 0;
  const early = everything && shortcuts ? listTasks(context, call) : undefined;
  const isFull = shortcuts ? sharedLogDisk(context) : eachLogDisk(context);

  const containers = new Map<string, Container | undefined>();
  const turns = new Turns(PARALLEL_READS);
  const show = (records: readonly ContainerRecord[], tasks: TaskStates | undefined): Promise<void>[] =>
    startBounded(records, turns, async (record) => {
      const task = tasks?.get(record.id) ?? (await readUnlisted(context, record, tasks !== undefined, call));
      const whole = await withExit(context, record, task, call);
      containers.set(record.id, await showContainer(whole, task, isFull));
    });
  const shown: Promise<void>[] = [];
  const waiting: ContainerRecord[] = [];
  for await (const record of listRecords(context, filters, call)) {
    containers.set(record.id, undefined);
    if (early?.arrived === undefined) waiting.push(record);
    else shown.push(...show([record], early.arrived));
  }
  // A few chosen ones are asked for sooner than all are listed.
  const listing = early ?? (shortcuts && waiting.length > PARALLEL_READS ? listTasks(context, call) : undefined);
  const tasks = await listing?.among(containers.size);
  await Promise.all([...shown, ...show(waiting, tasks)]);
  return [...containers.values()]
    .filter((container) => container !== undefined)
    .filter(({ meta }) =>
      wanted.every(([key, value]) => Object.hasOwn(meta.labels, key) && meta.labels[key] === value),
    );
}

type TaskStates = ReadonlyMap<string, TaskState>;

/**
 * The task of a container that the list does not name. What has ended, by its record, has no task any more: one that is
 * still there would have been named, for its shim is the only thing that could keep it from that.
 */
async function readUnlisted(
  context: RuntimeContext,
  record: ContainerRecord,
  listed: boolean,
  call: { signal?: AbortSignal },
): Promise<TaskState | undefined> {
  if (listed && record.exit !== undefined) return { kind: "none" };
  return readTaskInTime(context, record.id, call);
}
