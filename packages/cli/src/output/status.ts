import type { Container, ContainerStatus } from "@voiyd/runtime-api";
import { ago, humanDuration } from "./time.js";

/** A container's state in the words of `docker ps`: `Up 5 minutes`, `Exited (0) 3 seconds ago`. */
export function renderStatus({ status }: Container, now: Date): string {
  switch (status.phase) {
    case "running":
      return `${up(status.startedAt, now)}${healthText(status)}`;
    case "paused":
      return `${up(status.startedAt, now)} (Paused)`;
    case "exited": {
      const code = status.exitCode === undefined ? "unknown" : String(status.exitCode);
      return `${isRestarting(status) ? "Restarting" : "Exited"} (${code})${status.exitedAt === undefined ? "" : ` ${ago(status.exitedAt, now)}`}`;
    }
    case "creating":
      return "Creating";
    case "created":
      return "Created";
    case "deleting":
      return "Removal In Progress";
    case "unknown":
      return "Unknown";
  }
}

/** Down, and about to be started again by its restart policy: to Docker's users that is a state of its own. */
export function isRestarting({ phase, restartAt }: ContainerStatus): boolean {
  return phase === "exited" && restartAt !== undefined;
}

/** The word that Docker has for a container's state. */
export function stateOf({ status }: Pick<Container, "status">): string {
  if (isRestarting(status)) return "restarting";
  return status.phase === "deleting" ? "removing" : status.phase;
}

function healthText({ health }: ContainerStatus): string {
  if (health === undefined) return "";
  return health.status === "starting" ? " (health: starting)" : ` (${health.status})`;
}

function up(startedAt: Date | undefined, now: Date): string {
  return startedAt === undefined ? "Up" : `Up ${humanDuration(now.getTime() - startedAt.getTime())}`;
}
