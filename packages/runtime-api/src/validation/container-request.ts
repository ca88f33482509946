import { CONTAINER_VERSION, DEFAULT_NETWORK } from "../constants.js";
import type { ContainerConfig, ContainerRequest } from "../container.js";
import type { Resources } from "../resources.js";
import { parseCapability } from "./capabilities.js";
import { assertEnvironment } from "./environment.js";
import { invalid } from "./invalid.js";
import { assertLabels } from "./labels.js";
import { assertMounts } from "./mounts.js";
import { assertContainerName } from "./name.js";
import { assertAbsolutePath } from "./path.js";
import { assertPortMappings } from "./ports.js";
import { assertShape } from "./shape.js";
import { parseSignal } from "./signal.js";
import { parseUser } from "./user.js";

const HOSTNAME_PATTERN = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/;
const NETWORK_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const LEAST_MEMORY = 6 * 1024 * 1024;

/**
 * Checks everything about a request that can be checked without a host, so that every runtime refuses the same
 * requests with the same words, before it touches anything. Throws `INVALID_ARGUMENT`.
 */
export function assertContainerRequest(request: ContainerRequest): void {
  assertShape(request);
  if (request.version !== undefined && request.version !== CONTAINER_VERSION) {
    throw invalid("version", request.version, CONTAINER_VERSION);
  }
  assertContainerName(request.meta.name);
  assertLabels(request.meta.labels ?? {});
  assertContainerConfig(request.config);
}

function assertContainerConfig(config: ContainerConfig): void {
  if (typeof config.image !== "string" || config.image === "")
    throw invalid("image", config.image, "an image reference");
  assertArguments("entrypoint", config.entrypoint ?? []);
  assertArguments("args", config.args ?? []);
  assertEnvironment(config.envvars ?? []);
  if (config.workingDir !== undefined) assertAbsolutePath("workingDir", config.workingDir);
  if (config.hostname !== undefined && !HOSTNAME_PATTERN.test(config.hostname)) {
    throw invalid("hostname", config.hostname, "1 to 63 letters, digits, dots or hyphens (RFC 1123)");
  }
  assertMounts(config.mounts ?? []);
  assertPortMappings(config.portMappings ?? []);
  if (config.user !== undefined) parseUser(config.user);
  for (const capability of [...(config.capabilities?.add ?? []), ...(config.capabilities?.drop ?? [])]) {
    parseCapability(capability);
  }
  assertNetwork(config);
  assertResources(config.resources ?? {});
  if (config.stopSignal !== undefined) parseSignal(config.stopSignal, "stopSignal");
  if (config.stopTimeoutMs !== undefined && !(config.stopTimeoutMs >= 0)) {
    throw invalid("stopTimeoutMs", config.stopTimeoutMs, "a number of milliseconds from 0");
  }
}

function assertArguments(option: string, values: readonly string[]): void {
  for (const value of values) {
    if (typeof value !== "string" || value.includes("\0")) throw invalid(option, value, "strings without NUL");
  }
}

function assertNetwork(config: ContainerConfig): void {
  const network = config.network ?? DEFAULT_NETWORK;
  if (!NETWORK_PATTERN.test(network)) throw invalid("network", network, "default, none, host or a network's name");
  if ((network === "none" || network === "host") && (config.portMappings ?? []).length > 0) {
    throw invalid("portMappings", config.portMappings, `empty with network "${network}", which publishes nothing`);
  }
}

function assertResources(resources: Resources): void {
  const { memory, cpus, pids } = resources;
  if (memory !== undefined && !(Number.isSafeInteger(memory) && memory >= LEAST_MEMORY)) {
    throw invalid("resources.memory", memory, `at least ${String(LEAST_MEMORY)} bytes (6 MiB)`);
  }
  if (cpus !== undefined && !(Number.isFinite(cpus) && cpus >= 0.01))
    throw invalid("resources.cpus", cpus, "at least 0.01");
  if (pids !== undefined && !(Number.isSafeInteger(pids) && (pids === -1 || pids > 0))) {
    throw invalid("resources.pids", pids, "a positive number, or -1 for no limit");
  }
}
