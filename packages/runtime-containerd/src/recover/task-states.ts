import { startBounded } from "../concurrency/bounded.js";
import type { ContainerRecord } from "../container/container-store.js";
import { readTaskInTime } from "../task/read-task-in-time.js";
import type { RuntimeContext } from "../context.js";
import { listTasks } from "../task/list-tasks.js";
import type { TaskState } from "../task/task-state.js";
import type { Options } from "./finder.js";

/** Tasks asked for their state at the same time. */
const PARALLEL_READS = 16;

/** What the containers' tasks do. One whose shim does not answer is not among them. */
export async function taskStates(
  context: RuntimeContext,
  records: readonly ContainerRecord[],
  options: Options,
): Promise<ReadonlyMap<string, TaskState>> {
  if (records.length === 0) return new Map();
  const listed = await listTasks(context, options).among(records.length);
  const states = new Map<string, TaskState>(listed);
  const rest = records.filter(({ id }) => !states.has(id));
  await Promise.all(
    startBounded(rest, PARALLEL_READS, async ({ id }) => {
      const state = await readTaskInTime(context, id, options);
      if (state !== undefined) states.set(id, state);
    }),
  );
  return states;
}
