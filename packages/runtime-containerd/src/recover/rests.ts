import { readRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { readTask } from "../task/task-state.js";
import type { Options } from "./finder.js";

/** Whether a container is ours, nobody is making or removing it, and it has no task. For the holder of its lock, to act upon. */
export async function rests(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  const record = await readRecord(context, id, options);
  if (record === undefined || (record.phase !== "running" && record.phase !== "created")) return false;
  return (await readTask(context, id, options)).kind === "none";
}
