import { isContainerdError } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";
import { taskState, type TaskState } from "./task-state.js";

/** How long all shims together may take to answer, before each task is asked for itself: in milliseconds, */
const LIST_MS = 500;
/** and for each container more. A quiet host needs less than half of it. */
const LIST_MS_EACH = 0.5;

/** A list of all tasks that is under way. */
export interface TaskListing {
  /** The states of all tasks, by container, once they are there. */
  readonly arrived: ReadonlyMap<string, TaskState> | undefined;
  /**
   * The states of all tasks, by container, as soon as they are there; undefined where they do not come in the time that
   * so many containers may take, or not at all. Then each task has to be asked for itself.
   */
  among(containers: number): Promise<ReadonlyMap<string, TaskState> | undefined>;
}

/**
 * Asks for all tasks in one call. Containerd asks one shim after the other, waits for one that does not answer, and leaves
 * it out, or names it without a state: who is not in the answer may have a task all the same.
 */
export function listTasks(context: RuntimeContext, options: { signal?: AbortSignal }): TaskListing {
  const started = performance.now();
  const giveUp = new AbortController();
  const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([options.signal, giveUp.signal]);
  const answer = ask(context, signal);
  // Whoever waits for it is told; nobody may, where the containers cannot be listed.
  let arrived: ReadonlyMap<string, TaskState> | undefined;
  answer.then(
    (tasks) => (arrived = tasks),
    () => undefined,
  );
  return {
    get arrived() {
      return arrived;
    },
    async among(containers) {
      const left = LIST_MS + containers * LIST_MS_EACH - (performance.now() - started);
      const timer = setTimeout(
        () => {
          giveUp.abort();
        },
        Math.max(0, left),
      );
      try {
        return await answer;
      } catch (error) {
        if (giveUp.signal.aborted && options.signal?.aborted !== true) return undefined;
        if (isContainerdError(error) && !error.connection) return undefined;
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function ask(context: RuntimeContext, signal: AbortSignal): Promise<ReadonlyMap<string, TaskState>> {
  const { tasks } = await context.client.tasks.list({}, { signal });
  const states = tasks.map((process): [string, TaskState] => [
    // The one field that the list fills with the container's id is the process's own (seen with 1.6 to 2.x).
    process.containerId === "" ? process.id : process.containerId,
    taskState(process),
  ]);
  // A shim that was not asked any more, because another one had taken all the time, has said nothing of its task.
  return new Map(states.filter(([, { kind }]) => kind !== "unknown"));
}
