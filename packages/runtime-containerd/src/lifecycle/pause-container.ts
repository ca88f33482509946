import { RuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import type { RuntimeContext } from "../context.js";
import { readTask } from "../task/task-state.js";

type Options = { signal?: AbortSignal };

export async function pauseContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): Promise<void> {
  const { kind } = await readTask(context, record.id, options);
  if (kind !== "running") throw refused(record, kind === "paused" ? "is paused already" : "is not running");
  await context.client.tasks.pause({ containerId: record.id }, options);
}

export async function resumeContainer(
  context: RuntimeContext,
  record: ContainerRecord,
  options: Options,
): Promise<void> {
  const { kind } = await readTask(context, record.id, options);
  if (kind !== "paused") throw refused(record, "is not paused");
  await context.client.tasks.resume({ containerId: record.id }, options);
}

function refused({ id, name }: ContainerRecord, why: string): RuntimeError {
  return new RuntimeError("FAILED_PRECONDITION", `container ${name} ${why}`, { details: { container: id } });
}
