import {
  type ContainerConfig,
  type ContainerMeta,
  type ContainerRequest,
  type HealthCheck,
  CONTAINER_VERSION,
  type Labels,
  RuntimeError,
} from "@voiyd/runtime-api";
import { isRecord } from "./json.js";

/** The container object without its status: what is kept with the record, whole. */
export interface StoredContainer {
  readonly version: string;
  readonly meta: ContainerMeta;
  readonly config: ContainerConfig;
  /** What the first process is started with; absent in records of older versions. */
  readonly command?: readonly string[];
  /** The health check as it is carried out, the image's part in it included. */
  readonly healthCheck?: HealthCheck;
}

/** The object that a request becomes at its first `run`, or at a further one. */
export function storedFromRequest(
  request: ContainerRequest,
  now: Date,
  command?: readonly string[],
  healthCheck?: HealthCheck,
): StoredContainer {
  return {
    version: CONTAINER_VERSION,
    meta: {
      name: request.meta.name,
      labels: copyLabels(request.meta.labels ?? {}),
      created: now,
      updated: now,
      revision: 1,
    },
    config: structuredClone(request.config),
    ...(command === undefined ? {} : { command }),
    ...(healthCheck === undefined ? {} : { healthCheck }),
  };
}

/** A copy in which every key is data, `__proto__` too. */
export function copyLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels));
}

/**
 * Reads what was stored. It is our own writing, but a record can be edited by others: what the runtime works with is
 * checked; the configuration was checked as a whole before it was written.
 */
export function parseStored(value: unknown, id: string): StoredContainer {
  const { version, meta, config, command, healthCheck } = isRecord(value) ? value : {};
  if (version !== CONTAINER_VERSION || !isRecord(meta) || !isConfig(config)) throw damaged(id);
  const { name, labels, created, updated, revision } = meta;
  if (typeof name !== "string" || !isLabels(labels) || typeof revision !== "number") throw damaged(id);
  return {
    version,
    meta: { name, labels, created: parseDate(created, id), updated: parseDate(updated, id), revision },
    config,
    ...(isCommand(command) ? { command } : {}),
    ...(isHealthCheck(healthCheck) ? { healthCheck } : {}),
  };
}

function isCommand(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === "string");
}

/** Its values were checked before they were written. */
function isHealthCheck(value: unknown): value is HealthCheck {
  return isRecord(value) && isCommand(value["test"]);
}

function isConfig(value: unknown): value is ContainerConfig {
  return isRecord(value) && typeof value["image"] === "string";
}

function isLabels(value: unknown): value is Labels {
  return isRecord(value) && Object.values(value).every((item) => typeof item === "string");
}

function parseDate(value: unknown, id: string): Date {
  const date = new Date(typeof value === "string" ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw damaged(id);
  return date;
}

function damaged(id: string): RuntimeError {
  return new RuntimeError("DATA_LOSS", `container ${id}: what is stored with its record cannot be read`, {
    hint: "delete the container; its processes and files can still be removed",
  });
}
