import { invalid, type Resources } from "@voiyd/runtime-api";
import type { CgroupFeature, HostFacts } from "../host/facts.js";

/** Which feature of the host's control groups an option needs. */
const NEEDS: readonly (readonly [
  option: string,
  feature: CgroupFeature,
  isGiven: (resources: Resources) => boolean,
])[] = [
  ["memory", "memory", ({ memory }) => memory !== undefined],
  ["memorySwap", "swap", ({ memorySwap }) => memorySwap !== undefined],
  ["memoryReservation", "memory", ({ memoryReservation }) => memoryReservation !== undefined],
  ["memorySwappiness", "swappiness", ({ memorySwappiness }) => memorySwappiness !== undefined],
  ["kernelMemory", "kernel-memory", ({ kernelMemory }) => kernelMemory !== undefined],
  ["oomKillDisable", "oom-control", ({ oomKillDisable }) => oomKillDisable === true],
  ["cpus", "cpu-quota", ({ cpus }) => cpus !== undefined],
  ["cpuQuota", "cpu-quota", ({ cpuQuota }) => cpuQuota !== undefined],
  ["cpuPeriod", "cpu-quota", ({ cpuPeriod }) => cpuPeriod !== undefined],
  ["cpuShares", "cpu", ({ cpuShares }) => cpuShares !== undefined],
  ["cpuRealtimeRuntime", "cpu-realtime", ({ cpuRealtimeRuntime }) => cpuRealtimeRuntime !== undefined],
  ["cpuRealtimePeriod", "cpu-realtime", ({ cpuRealtimePeriod }) => cpuRealtimePeriod !== undefined],
  ["cpusetCpus", "cpuset", ({ cpusetCpus }) => cpusetCpus !== undefined],
  ["cpusetMems", "cpuset", ({ cpusetMems }) => cpusetMems !== undefined],
  ["pids", "pids", ({ pids }) => pids !== undefined && pids !== -1],
  ["blockIO.weight", "block-weight", ({ blockIO }) => blockIO?.weight !== undefined],
  ["blockIO.weightDevices", "block-weight", ({ blockIO }) => (blockIO?.weightDevices ?? []).length > 0],
  ["blockIO.readBps", "block", ({ blockIO }) => (blockIO?.readBps ?? []).length > 0],
  ["blockIO.writeBps", "block", ({ blockIO }) => (blockIO?.writeBps ?? []).length > 0],
  ["blockIO.readIops", "block", ({ blockIO }) => (blockIO?.readIops ?? []).length > 0],
  ["blockIO.writeIops", "block", ({ blockIO }) => (blockIO?.writeIops ?? []).length > 0],
  ["hugePages", "hugetlb", ({ hugePages }) => (hugePages ?? []).length > 0],
];

/** Throws `INVALID_ARGUMENT` for a limit that this host cannot set: found out here, it is not found out half-way. */
export function assertLimitsAvailable(resources: Resources, host: HostFacts): void {
  const version = `v${String(host.cgroupVersion)}`;
  for (const [option, feature, isGiven] of NEEDS) {
    if (host.cgroupFeatures !== undefined && isGiven(resources) && !host.cgroupFeatures.has(feature)) {
      throw invalid(
        `resources.${option}`,
        show(resources, option),
        `left out: the host's control groups (${version}) cannot do that`,
      );
    }
  }
  if (Object.keys(resources.unified ?? {}).length > 0 && host.cgroupVersion === 1) {
    throw invalid(
      "resources.unified",
      Object.keys(resources.unified ?? {}).join(", "),
      "left out: this host has control groups v1",
    );
  }
  const sizes = host.hugePageSizes;
  for (const { pageSize } of resources.hugePages ?? []) {
    if (sizes === undefined || sizes.includes(pageSize)) continue;
    throw invalid("resources.hugePages", pageSize, `of a size that this host has: ${sizes.join(", ") || "none"}`);
  }
  const { cpus } = resources;
  if (cpus !== undefined && host.cpus !== undefined && cpus > host.cpus) {
    throw invalid("resources.cpus", cpus, `no more than ${String(host.cpus)}: this host has no more`);
  }
  assertWithin("cpusetCpus", resources.cpusetCpus, host.onlineCpus);
  assertWithin("cpusetMems", resources.cpusetMems, host.onlineMems);
}

function show(resources: Resources, option: string): unknown {
  const found: unknown = Reflect.get(resources, option);
  return found ?? "what is given";
}

function assertWithin(option: string, wanted: string | undefined, online: string | undefined): void {
  if (wanted === undefined || online === undefined) return;
  const there = ranges(online);
  const missing = ranges(wanted).some(
    ([first, last]) => first > last || !there.some(([low, high]) => first >= low && last <= high),
  );
  if (missing) throw invalid(`resources.${option}`, wanted, `within ${online}, which this host has`);
}

/** `cpuset(7)`, "Formats": the list format. */
function ranges(text: string): readonly (readonly [number, number])[] {
  return text.split(",").map((part) => {
    const [first = 0, last = first] = part.split("-").map(Number);
    return [first, last] as const;
  });
}
