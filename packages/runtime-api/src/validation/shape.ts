import type { ContainerConfig } from "../container.js";
import { invalid } from "./invalid.js";

type Shape = "boolean" | "number" | "string" | "object" | "strings" | "objects";

/** What each field is made of. A record over all fields, so that a new one cannot be forgotten. */
const CONFIG: Readonly<Record<keyof ContainerConfig, Shape>> = {
  image: "string",
  entrypoint: "strings",
  args: "strings",
  envvars: "objects",
  workingDir: "string",
  hostname: "string",
  mounts: "objects",
  portMappings: "objects",
  user: "string",
  privileged: "boolean",
  capabilities: "object",
  network: "string",
  resources: "object",
  readOnlyRootfs: "boolean",
  noNewPrivileges: "boolean",
  stopSignal: "string",
  stopTimeoutMs: "number",
};

/**
 * Throws `INVALID_ARGUMENT` for a request that is not made as its type says: callers in JavaScript, and those who pass on
 * JSON, have no compiler that tells them. What the values must be is checked after this.
 */
export function assertShape(request: unknown): void {
  if (!isObject(request)) throw invalid("container", request, "an object with meta and config");
  const { meta, config } = request;
  if (!isObject(meta)) throw invalid("meta", meta, "an object");
  assertField("meta.labels", meta["labels"], "object");
  if (!isObject(config)) throw invalid("config", config, "an object");
  for (const [field, shape] of Object.entries(CONFIG)) assertField(field, config[field], shape);
  const { capabilities } = config;
  if (!isObject(capabilities)) return;
  assertField("capabilities.add", capabilities["add"], "strings");
  assertField("capabilities.drop", capabilities["drop"], "strings");
}

function assertField(option: string, value: unknown, shape: Shape): void {
  if (value === undefined) return;
  switch (shape) {
    case "strings":
      if (!isListOf(value, (item) => typeof item === "string")) throw invalid(option, value, "a list of strings");
      break;
    case "objects":
      if (!isListOf(value, isObject)) throw invalid(option, value, "a list of objects");
      break;
    case "object":
      if (!isObject(value)) throw invalid(option, value, "an object");
      break;
    default:
      if (typeof value !== shape) throw invalid(option, value, `a ${shape}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, fits: (item: unknown) => boolean): boolean {
  // Array.from fills holes, which every() would pass over.
  return Array.isArray(value) && Array.from(value).every(fits);
}
