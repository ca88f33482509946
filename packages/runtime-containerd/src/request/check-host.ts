import { type ContainerConfig, invalid } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import { assertLimitsAvailable } from "../spec/assert-limits-available.js";
import { ambientCapabilities, assertCapabilitiesAvailable, effectiveCapabilities } from "../spec/capability-sets.js";
import { type CgroupDriver, cgroupsPath } from "../spec/cgroup-path.js";
import { withPreset } from "../spec/hardened.js";
import { assertUlimitsAllowed } from "../spec/rlimits.js";
import { chooseSeccomp } from "../spec/seccomp/choose-profile.js";
import { selinuxLabels } from "../spec/selinux.js";

const CAP_SYS_RESOURCE = 24n;

/**
 * Throws `INVALID_ARGUMENT` for what this host cannot give, before anything is made. Every rule stands beside the piece
 * of the specification that it is about; this is the list of them.
 */
export function assertHostCan(
  asked: ContainerConfig,
  host: HostFacts,
  cgroups: { readonly driver: CgroupDriver; readonly namespace: string },
): void {
  const config = withPreset(asked);
  const request = {
    capabilities: config.capabilities,
    privileged: config.privileged ?? false,
    bounding: host.boundingCapabilities,
  };
  assertCapabilitiesAvailable(request);
  const capabilities = effectiveCapabilities(request);
  ambientCapabilities(config.capabilities, capabilities);
  chooseSeccomp(config, host, capabilities);
  selinuxLabels(config, "", host);
  assertUlimitsAllowed(config.ulimits ?? [], host);
  assertLimitsAvailable(asked.resources ?? {}, host);
  cgroupsPath({ driver: cgroups.driver, namespace: cgroups.namespace, id: "check", parent: config.cgroupParent });
  assertScoreAllowed(config.oomScoreAdj, host);
  assertCgroupsWritable(config, host);
  if (config.apparmor !== undefined && config.apparmor !== "unconfined" && host.apparmor === false) {
    throw invalid("apparmor", config.apparmor, "unconfined, or left out: this host has no AppArmor");
  }
}

/** With v1, or in the host's namespace, a container could lift its own limits. */
function assertCgroupsWritable({ writableCgroups, namespaces }: ContainerConfig, host: HostFacts): void {
  if (writableCgroups !== true || (host.cgroupVersion === 2 && namespaces?.cgroup !== "host")) return;
  throw invalid("writableCgroups", true, "left out but for control groups v2 in a namespace of the container's own");
}

/** `proc_pid_oom_score_adj(5)`: without CAP_SYS_RESOURCE the score cannot be lowered. */
function assertScoreAllowed(score: number | undefined, host: HostFacts): void {
  if (score === undefined || host.oomScoreAdj === undefined || score >= host.oomScoreAdj) return;
  if ((host.boundingCapabilities & (1n << CAP_SYS_RESOURCE)) !== 0n) return;
  throw invalid("oomScoreAdj", score, `at least ${String(host.oomScoreAdj)}: this host may not lower it`);
}
