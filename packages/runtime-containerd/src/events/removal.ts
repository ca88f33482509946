import type { ID } from "@voiyd/runtime-api";
import { isId } from "@voiyd/runtime-api";
import type { ContainerRecord } from "../container/container-store.js";
import { parseExit } from "../container/exit-record.js";
import { isRecord } from "../container/json.js";
import { LABEL } from "../container/label-names.js";
import { type Found, identityOf } from "./list-findings.js";

/** What is known of a container that is there no more: how it was found last, and when it went. */
export interface Removal {
  readonly id: ID;
  readonly created: Date;
  readonly removed: Date;
  readonly finding: Found["finding"];
}

/** Of a container whose task is gone. */
export function removalOf(record: ContainerRecord, removed: Date): Removal {
  const { startedAt, pid } = record.network;
  const isStarted = startedAt !== undefined;
  return {
    id: record.id,
    created: new Date(record.labels[LABEL.created] ?? removed),
    removed,
    finding: {
      ...identityOf(record.labels, record.image),
      phase: isStarted ? "ended" : "created",
      pid,
      startedAt: isStarted ? new Date(startedAt) : undefined,
      exit: isStarted ? (record.exit ?? { exitCode: "unknown" }) : undefined,
    },
  };
}

/** As one line. */
export function formatRemoval(removal: Removal): string {
  return `${JSON.stringify(removal)}\n`;
}

/** Undefined for a line that was cut off, or is nobody's of ours. */
export function parseRemoval(line: string): Removal | undefined {
  const { id, created, removed, finding } = parseObject(line);
  const { name, image, labels, revision, pid, startedAt, exit } = isRecord(finding) ? finding : {};
  const times = { created: dateOf(created), removed: dateOf(removed), startedAt: dateOf(startedAt) };
  if (typeof id !== "string" || !isId(id) || times.created === undefined || times.removed === undefined)
    return undefined;
  if (typeof name !== "string" || typeof image !== "string" || typeof revision !== "number") return undefined;
  if (!isRecord(labels) || !isTexts(labels)) return undefined;
  return {
    id,
    created: times.created,
    removed: times.removed,
    finding: {
      name,
      image,
      labels,
      revision,
      phase: times.startedAt === undefined ? "created" : "ended",
      pid: typeof pid === "number" ? pid : undefined,
      startedAt: times.startedAt,
      exit: parseExit(exit),
    },
  };
}

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : {};
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {};
  }
}

function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function isTexts(labels: Readonly<Record<string, unknown>>): labels is Readonly<Record<string, string>> {
  return Object.values(labels).every((value) => typeof value === "string");
}
