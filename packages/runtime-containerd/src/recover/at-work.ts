import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";

/** Whether a living process is making or removing the container, this one among them. */
export function isAtWork(context: RuntimeContext, { id, instance }: Pick<ContainerRecord, "id" | "instance">): boolean {
  if (context.making.has(id) || context.removing.has(id)) return true;
  const { processes } = context.host;
  return instance !== undefined && instance !== processes.self && processes.isAlive(instance);
}
