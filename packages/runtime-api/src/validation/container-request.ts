import { CONTAINER_VERSION, DEFAULT_NETWORK } from "../constants.js";
import type { ContainerConfig, ContainerRequest } from "../container.js";
import { assertDevices, parseDeviceRule } from "./devices.js";
import { assertDns, assertExtraHosts } from "./dns.js";
import { assertEnvironment } from "./environment.js";
import { assertHealthCheck } from "./health-check.js";
import { invalid } from "./invalid.js";
import { assertLabels } from "./labels.js";
import { assertLogging } from "./logging.js";
import { assertMounts, assertVolumesFrom } from "./mounts.js";
import { assertContainerName } from "./name.js";
import { assertNamespaces } from "./namespaces.js";
import { assertNetworks } from "./networks.js";
import { assertWhole } from "./number.js";
import { assertAbsolutePath } from "./path.js";
import { assertPlatform } from "./platform.js";
import { assertPortMappings } from "./ports.js";
import { assertResources } from "./resources.js";
import { assertRestartPolicy } from "./restart-policy.js";
import { assertSecurity } from "./security.js";
import { assertShape } from "./shape.js";
import { parseSignal } from "./signal.js";
import { assertSysctls } from "./sysctls.js";
import { assertUlimits } from "./ulimits.js";
import { MAX_UID, parseUser } from "./user.js";

const HOSTNAME_PATTERN = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?$/;
const NETWORK_PATTERN = /^(?:container:)?[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;
const DOMAIN_PATTERN = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,62}[a-zA-Z0-9])?$/;
const GROUP_PATTERN = /^(?:0|[1-9][0-9]{0,9}|[A-Za-z_][A-Za-z0-9_.-]*\$?)$/;
const CGROUP_PATTERN = /^[a-zA-Z0-9_.:@/-]+$/;
const RUNTIME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;

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
  assertPlatform(config.platform);
  assertArguments("entrypoint", config.entrypoint ?? []);
  assertArguments("args", config.args ?? []);
  assertEnvironment(config.envvars ?? []);
  if (config.workingDir !== undefined) assertAbsolutePath("workingDir", config.workingDir);
  if (config.hostname !== undefined && !HOSTNAME_PATTERN.test(config.hostname)) {
    throw invalid("hostname", config.hostname, "1 to 63 letters, digits, dots or hyphens (RFC 1123)");
  }
  assertMounts(config.mounts ?? []);
  assertVolumesFrom(config.volumesFrom ?? []);
  assertPortMappings(config.portMappings ?? []);
  if (config.domainname !== undefined && !DOMAIN_PATTERN.test(config.domainname)) {
    throw invalid("domainname", config.domainname, "1 to 64 letters, digits, dots or hyphens");
  }
  if (config.user !== undefined) parseUser(config.user);
  for (const group of config.groupAdd ?? []) {
    if (!GROUP_PATTERN.test(group) || Number(group) > MAX_UID) {
      throw invalid("groupAdd", group, `names of groups, or numbers from 0 to ${String(MAX_UID)}`);
    }
  }
  assertWhole("umask", config.umask, 0, 0o777, "permission bits");
  assertSecurity(config);
  assertDevices(config.devices ?? []);
  for (const rule of config.deviceCgroupRules ?? []) parseDeviceRule(rule);
  assertNetwork(config);
  assertNetworks(config);
  assertNamespaces(config);
  assertDns(config.dns ?? {});
  assertExtraHosts(config.extraHosts ?? []);
  assertSysctls(config);
  assertUlimits(config.ulimits ?? []);
  assertResources(config.resources ?? {});
  assertWhole("oomScoreAdj", config.oomScoreAdj, -1000, 1000);
  assertWhole("shmSize", config.shmSize, 1, Number.MAX_SAFE_INTEGER, "a number of bytes");
  if (
    config.cgroupParent !== undefined &&
    (!CGROUP_PATTERN.test(config.cgroupParent) || config.cgroupParent.split("/").includes(".."))
  ) {
    throw invalid("cgroupParent", config.cgroupParent, 'a path without "..", or a slice');
  }
  if (config.runtime !== undefined && !RUNTIME_PATTERN.test(config.runtime)) {
    throw invalid(
      "runtime",
      config.runtime,
      "runc, crun, runsc, kata, the name of a shim, or one that the runtime was given",
    );
  }
  for (const [name, value] of Object.entries(config.annotations ?? {})) {
    if (name === "" || name.includes("\0"))
      throw invalid("annotations", name, "keyed by at least one character, without NUL");
    if (typeof value !== "string" || value.includes("\0"))
      throw invalid(`annotations[${JSON.stringify(name)}]`, value, "a string without NUL");
  }
  assertLogging(config.logging);
  if (config.stopSignal !== undefined) parseSignal(config.stopSignal, "stopSignal");
  if (config.stopTimeoutMs !== undefined && !(config.stopTimeoutMs >= 0)) {
    throw invalid("stopTimeoutMs", config.stopTimeoutMs, "a number of milliseconds from 0");
  }
  if (config.restartPolicy !== undefined) assertRestartPolicy(config.restartPolicy);
  if (config.healthCheck !== undefined) assertHealthCheck(config.healthCheck);
}

function assertArguments(option: string, values: readonly string[]): void {
  for (const value of values) {
    if (typeof value !== "string" || value.includes("\0")) throw invalid(option, value, "strings without NUL");
  }
}

function assertNetwork(config: ContainerConfig): void {
  const network = config.network ?? DEFAULT_NETWORK;
  if (!NETWORK_PATTERN.test(network)) {
    throw invalid("network", network, "default, none, host, container:<name or id> or a network's name");
  }
  if (
    (network === "none" || network === "host" || network.startsWith("container:")) &&
    (config.portMappings ?? []).length > 0
  ) {
    throw invalid("portMappings", config.portMappings, `empty with network "${network}", which publishes nothing`);
  }
}
