import { type ContainerRef, isContainerName, isId } from "@voiyd/runtime-api";
import { findRecord } from "../container/lookup.js";
import { freeIfAbandoned } from "../container/name-lock.js";
import type { RuntimeContext } from "../context.js";
import { removeAbandoned, removeContainer } from "./remove-container.js";

type Options = { signal?: AbortSignal };

/** Removes the container a reference stands for. Where there is none, what a dead process may have left of it. */
export async function deleteContainer(context: RuntimeContext, ref: ContainerRef, options: Options): Promise<void> {
  const record = await findRecord(context, ref, options);
  if (record !== undefined) {
    await removeContainer(context, record, options);
    return;
  }
  const name = typeof ref === "string" ? ref : ref.meta.name;
  if (isContainerName(name)) {
    const remove = (id: string): Promise<void> => removeAbandoned(context, { id, name }, options);
    await freeIfAbandoned(context, name, remove, options);
  }
  // A task can outlive its record, when somebody deleted that; it is found by its full id alone.
  const id = typeof ref === "string" ? ref : "status" in ref ? ref.status.id : undefined;
  if (id !== undefined && isId(id) && (await hasTask(context, id, options))) await removeContainer(context, { id }, options);
}

async function hasTask(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  const { tasks } = await context.client.tasks.list({}, options);
  return tasks.some((task) => task.id === id);
}
