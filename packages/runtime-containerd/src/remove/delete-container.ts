import { setTimeout as sleep } from "node:timers/promises";
import { type ContainerRef, isContainerName, isId } from "@voiyd/runtime-api";
import { findRecord } from "../container/lookup.js";
import { freeIfAbandoned } from "../container/name-lock.js";
import type { RuntimeContext } from "../context.js";
import { markStopped } from "../supervisor/mark-stopped.js";
import { removeAbandoned, removeContainer } from "./remove-container.js";

type Options = { signal?: AbortSignal };

/**
 * The daemon may still be at a call of a process that has died: its effect is there a moment later. In milliseconds.
 */
const LATE_EFFECT_MS = 200;

/** Removes the container a reference stands for. Where there is none, what a dead process may have left of it. */
export async function deleteContainer(context: RuntimeContext, ref: ContainerRef, options: Options): Promise<void> {
  if (await removeFound(context, ref, options)) return;
  await removeRemains(context, ref, options);
  await sleep(LATE_EFFECT_MS, undefined, options);
  if (!(await removeFound(context, ref, options))) await removeRemains(context, ref, options);
}

async function removeFound(context: RuntimeContext, ref: ContainerRef, options: Options): Promise<boolean> {
  const record = await findRecord(context, ref, options);
  if (record !== undefined) {
    if (record.phase !== "deleting") await markStopped(context, record, options);
    await removeContainer(context, record, options);
  }
  return record !== undefined;
}

async function removeRemains(context: RuntimeContext, ref: ContainerRef, options: Options): Promise<void> {
  const name = typeof ref === "string" ? ref : ref.meta.name;
  if (isContainerName(name)) {
    const remove = (id: string): Promise<void> => removeAbandoned(context, { id, name }, options);
    await freeIfAbandoned(context, name, remove, options);
  }
  // A task can outlive its record, when somebody deleted that; it is found by its full id alone.
  const id = typeof ref === "string" ? ref : "status" in ref ? ref.status.id : undefined;
  if (id !== undefined && isId(id) && (await hasTask(context, id, options)))
    await removeContainer(context, { id }, options);
}

async function hasTask(context: RuntimeContext, id: string, options: Options): Promise<boolean> {
  const { tasks } = await context.client.tasks.list({}, options);
  return tasks.some((task) => task.id === id);
}
