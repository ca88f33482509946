import type { Container } from "@voiyd/runtime-api";
import { ago, humanDuration } from "./time.js";

/** A container's state in the words of `docker ps`: `Up 5 minutes`, `Exited (0) 3 seconds ago`. */
export function renderStatus({ status }: Container, now: Date): string {
  switch (status.phase) {
    case "running":
      return up(status.startedAt, now);
    case "paused":
      return `${up(status.startedAt, now)} (Paused)`;
    case "exited": {
      const code = status.exitCode === undefined ? "unknown" : String(status.exitCode);
      return `Exited (${code})${status.exitedAt === undefined ? "" : ` ${ago(status.exitedAt, now)}`}`;
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

function up(startedAt: Date | undefined, now: Date): string {
  return startedAt === undefined ? "Up" : `Up ${humanDuration(now.getTime() - startedAt.getTime())}`;
}
