import { isRuntimeError } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { healthOf } from "../container/health-record.js";
import type { RuntimeContext } from "../context.js";
import { exitFromWire } from "../task/exit.js";
import { readTaskInTime } from "../task/read-task-in-time.js";
import type { TaskState } from "../task/task-state.js";
import type { Supervised } from "./next-step.js";

/** What a supervisor goes by; undefined for a container that is none of its business, or was never started. */
export async function readSupervised(
  context: RuntimeContext,
  record: ContainerRecord,
  options: { signal?: AbortSignal },
): Promise<Supervised | undefined> {
  const life = record.network.startedAt;
  const stored = storedOf(record);
  if (!record.supervised || record.phase !== "running" || life === undefined || stored === undefined) return undefined;
  const task = await readTaskInTime(context, record.id, options);
  return {
    life,
    task: kindOf(task),
    exit: record.exit ?? (task?.kind === "stopped" ? exitFromWire(task.process) : { exitCode: "unknown" }),
    stopped: record.stopped,
    thisBoot: record.network.boot === context.host.processes.boot,
    policy: stored.config.restartPolicy ?? { name: "no" },
    check: stored.healthCheck,
    restart: record.restart,
    health: healthOf(record.health, life),
  };
}

/** One whose object is damaged cannot be started either. */
function storedOf(record: ContainerRecord): ReturnType<ContainerRecord["stored"]> | undefined {
  try {
    return record.stored();
  } catch (error) {
    if (!isRuntimeError(error, "DATA_LOSS")) throw error;
    return undefined;
  }
}

function kindOf(task: TaskState | undefined): Supervised["task"] {
  switch (task?.kind) {
    case "running":
    case "paused":
      return task.kind;
    // Left by a start that was interrupted: whoever is at one holds the container's lock.
    case "created":
    case "none":
    case "shim-only":
    case "stopped":
      return "down";
    default:
      return "unknown";
  }
}
