import type { ContainerConfig } from "../container.js";
import { invalid } from "./invalid.js";

type Shape = "boolean" | "number" | "string" | "object" | "string or object" | "strings" | "objects";

/** What each field is made of. A record over all fields, so that a new one cannot be forgotten. */
const CONFIG: Readonly<Record<keyof ContainerConfig, Shape>> = {
  image: "string",
  platform: "string",
  entrypoint: "strings",
  args: "strings",
  envvars: "objects",
  tty: "boolean",
  stdin: "boolean",
  workingDir: "string",
  hostname: "string",
  mounts: "objects",
  volumesFrom: "objects",
  portMappings: "objects",
  user: "string",
  groupAdd: "strings",
  umask: "number",
  domainname: "string",
  privileged: "boolean",
  capabilities: "object",
  hardened: "boolean",
  seccomp: "string or object",
  apparmor: "string",
  selinux: "string or object",
  maskedPaths: "strings",
  readonlyPaths: "strings",
  writableCgroups: "boolean",
  devices: "objects",
  deviceCgroupRules: "strings",
  network: "string",
  networks: "objects",
  namespaces: "object",
  dns: "object",
  extraHosts: "objects",
  sysctls: "object",
  ulimits: "objects",
  oomScoreAdj: "number",
  cgroupParent: "string",
  shmSize: "number",
  resources: "object",
  readOnlyRootfs: "boolean",
  init: "boolean",
  annotations: "object",
  runtime: "string",
  noNewPrivileges: "boolean",
  stopSignal: "string",
  stopTimeoutMs: "number",
  restartPolicy: "object",
  healthCheck: "object",
  logging: "object",
};

/** The fields of fields, where a check of their values would stumble over another type. */
const NESTED: Readonly<Record<string, Readonly<Record<string, Shape>>>> = {
  capabilities: { add: "strings", drop: "strings", ambient: "strings" },
  namespaces: { pid: "string", ipc: "string", uts: "string", cgroup: "string", user: "string or object" },
  healthCheck: { test: "strings", restart: "boolean" },
  dns: { servers: "strings", search: "strings", options: "strings" },
  resources: {
    blockIO: "object",
    hugePages: "objects",
    unified: "object",
    cpusetCpus: "string",
    cpusetMems: "string",
    oomKillDisable: "boolean",
  },
};

const BLOCK_IO: readonly string[] = ["weightDevices", "readBps", "writeBps", "readIops", "writeIops"];

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
  for (const [field, members] of Object.entries(NESTED)) assertMembers(field, config[field], members);
  if (!isObject(config["resources"])) return;
  const { blockIO } = config["resources"];
  assertMembers("resources.blockIO", blockIO, Object.fromEntries(BLOCK_IO.map((list) => [list, "objects"] as const)));
}

function assertMembers(option: string, value: unknown, members: Readonly<Record<string, Shape>>): void {
  if (!isObject(value)) return;
  for (const [member, shape] of Object.entries(members)) assertField(`${option}.${member}`, value[member], shape);
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
    case "string or object":
      if (typeof value !== "string" && !isObject(value)) throw invalid(option, value, "a string or an object");
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
