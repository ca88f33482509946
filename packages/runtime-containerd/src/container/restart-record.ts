import { isRecord } from "./json.js";

/** What was decided when a container ended the last time. Kept with it, so that whoever supervises next goes on from it. */
export interface RestartRecord {
  /** The life that it is about, by its start. */
  readonly life: string;
  /** How often it was started again since it was last started by hand. */
  readonly count: number;
  /** The last back-off in milliseconds; 0 before the first. */
  readonly delayMs: number;
  /** When it is to be started again; absent: not at all. */
  readonly restartAt?: Date;
}

export function parseRestart(value: unknown): RestartRecord | undefined {
  if (!isRecord(value)) return undefined;
  const { life, count, delayMs, restartAt } = value;
  if (typeof life !== "string" || typeof count !== "number" || typeof delayMs !== "number") return undefined;
  const at = typeof restartAt === "string" ? new Date(restartAt) : undefined;
  return { life, count, delayMs, ...(at === undefined || Number.isNaN(at.getTime()) ? {} : { restartAt: at }) };
}
