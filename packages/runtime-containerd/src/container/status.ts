import type { Container, ContainerStatus, Health } from "@voiyd/runtime-api";
import { exitFromWire } from "../task/exit.js";
import type { TaskState } from "../task/task-state.js";
import type { ContainerRecord } from "./container-store.js";
import type { ExitRecord } from "./exit-record.js";
import { healthOf } from "./health-record.js";

/** What a container is, from its record and what its task does; undefined when the task did not answer in time. */
export function describe(record: ContainerRecord, task: TaskState | undefined): Container {
  const { command, healthCheck, ...stored } = record.stored();
  const life = record.network.startedAt;
  const status: ContainerStatus = {
    ...statusOf(record, task),
    ...supervisionOf(record),
    ...(command === undefined ? {} : { command }),
    ...(healthCheck === undefined || life === undefined ? {} : { health: shownHealth(record, life) }),
  };
  // What runs is not waiting to be started.
  const { restartAt, ...others } = status;
  return { ...stored, status: restartAt !== undefined && status.phase === "exited" ? status : others };
}

export function statusOf(record: ContainerRecord, task: TaskState | undefined): ContainerStatus {
  const { id, network } = record;
  const shared = {
    id,
    ...(network.ip === undefined ? {} : { ip: network.ip }),
    ...(network.ports === undefined ? {} : { ports: network.ports }),
    ...(network.startedAt === undefined ? {} : { startedAt: new Date(network.startedAt) }),
  };
  if (record.phase === "deleting") {
    return { ...shared, phase: "deleting", error: "its removal is under way, or was interrupted: delete it again" };
  }
  if (task === undefined) return { ...shared, phase: "unknown", error: "its shim did not answer in time" };
  switch (task.kind) {
    case "running":
    case "paused":
      return { ...shared, phase: task.kind, pid: task.process.pid };
    case "created":
      return { ...shared, phase: record.phase === "creating" ? "creating" : "created", pid: task.process.pid };
    case "stopped":
      return { ...shared, phase: "exited", ...exitFields(record.exit ?? exitFromWire(task.process)) };
    case "unknown":
      return { ...shared, phase: "unknown" };
    default:
      return record.phase === "creating" || record.phase === "created"
        ? { ...shared, phase: record.phase }
        : { ...shared, phase: "exited", ...exitFields(record.exit ?? { exitCode: "unknown" }) };
  }
}

function supervisionOf({ restart, stopped, network }: ContainerRecord): Partial<ContainerStatus> {
  if (restart === undefined) return {};
  const { count, life, restartAt } = restart;
  return {
    ...(count === 0 ? {} : { restartCount: count }),
    ...(restartAt === undefined || stopped || life !== network.startedAt ? {} : { restartAt }),
  };
}

function shownHealth(record: ContainerRecord, life: string): Health {
  const { status, failingStreak, log } = healthOf(record.health, life);
  return { status, failingStreak, log };
}

function exitFields(exit: ExitRecord): Pick<ContainerStatus, "exitCode" | "exitedAt" | "oomKilled"> {
  return {
    ...(exit.exitCode === "unknown" ? {} : { exitCode: exit.exitCode }),
    ...(exit.exitedAt === undefined ? {} : { exitedAt: exit.exitedAt }),
    ...(exit.oomKilled === undefined ? {} : { oomKilled: exit.oomKilled }),
  };
}
