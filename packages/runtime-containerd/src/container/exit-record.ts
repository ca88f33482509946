import type { ContainerExit } from "@voiyd/runtime-api";
import { isRecord } from "./json.js";

/** How the last process ended, as it is kept with the container. */
export type ExitRecord = ContainerExit;

export function parseExit(value: unknown): ExitRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { exitCode, exitedAt, oomKilled } = value;
  if (typeof exitCode !== "number" && exitCode !== "unknown") return undefined;
  const at = typeof exitedAt === "string" ? new Date(exitedAt) : undefined;
  return {
    exitCode,
    ...(at === undefined || Number.isNaN(at.getTime()) ? {} : { exitedAt: at }),
    ...(typeof oomKilled === "boolean" ? { oomKilled } : {}),
  };
}
