import type { BlockIO, Resources } from "../resources.js";
import { invalid } from "./invalid.js";
import { assertWhole, assertWholeOrUnlimited } from "./number.js";
import { assertAbsolutePath } from "./path.js";

const LEAST_MEMORY = 6 * 1024 * 1024;
const MOST = Number.MAX_SAFE_INTEGER;
/** CPUs or memory nodes: numbers and ranges of numbers. */
const SET_PATTERN = /^\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*$/;
/** `cgroup-v2.rst`: a controller, a dot, a file; nothing that leads out of the group's folder. */
const UNIFIED_PATTERN = /^[a-z][a-z0-9_]*(?:\.[a-zA-Z0-9_]+)+$/;

/** Throws `INVALID_ARGUMENT` for limits that no host can set, and for limits that contradict each other. */
export function assertResources(resources: Resources): void {
  assertMemory(resources);
  assertCpu(resources);
  assertWholeOrUnlimited("resources.pids", resources.pids, 1, "a number of processes");
  assertBlockIO(resources.blockIO ?? {});
  for (const [index, { pageSize, limit }] of (resources.hugePages ?? []).entries()) {
    const option = `resources.hugePages[${String(index)}]`;
    if (!/^[1-9]\d{0,3}(?:KB|MB|GB)$/.test(pageSize))
      throw invalid(`${option}.pageSize`, pageSize, "written as 64KB, 2MB or 1GB");
    assertWhole(`${option}.limit`, limit, 0, MOST, "a number of bytes");
  }
  for (const [file, value] of Object.entries(resources.unified ?? {})) {
    if (!UNIFIED_PATTERN.test(file))
      throw invalid("resources.unified", file, "keyed by files of control groups v2, as memory.high");
    if (typeof value !== "string" || value.includes("\0"))
      throw invalid(`resources.unified[${file}]`, value, "a string without NUL");
  }
}

function assertMemory(resources: Resources): void {
  const { memory, memorySwap, memoryReservation, kernelMemory, oomKillDisable } = resources;
  assertLeastMemory("resources.memory", memory);
  assertLeastMemory("resources.memoryReservation", memoryReservation);
  assertLeastMemory("resources.kernelMemory", kernelMemory);
  assertWholeOrUnlimited("resources.memorySwap", memorySwap, 1, "a number of bytes");
  assertWhole("resources.memorySwappiness", resources.memorySwappiness, 0, 100, "a percentage");
  if (memorySwap !== undefined && memorySwap !== -1) {
    if (memory === undefined)
      throw invalid("resources.memorySwap", memorySwap, "given together with resources.memory, which it includes");
    if (memorySwap < memory)
      throw invalid("resources.memorySwap", memorySwap, "no less than resources.memory, which it includes");
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    throw invalid("resources.memoryReservation", memoryReservation, "no more than resources.memory");
  }
  if (oomKillDisable === true && memory === undefined) {
    throw invalid(
      "resources.oomKillDisable",
      oomKillDisable,
      "given together with resources.memory, or the host would run out of it",
    );
  }
}

function assertLeastMemory(option: string, bytes: unknown): void {
  if (bytes === undefined || (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= LEAST_MEMORY))
    return;
  throw invalid(option, bytes, `at least ${String(LEAST_MEMORY)} bytes (6 MiB)`);
}

function assertCpu(resources: Resources): void {
  const { cpus, cpuQuota, cpuPeriod, cpuRealtimePeriod, cpuRealtimeRuntime } = resources;
  if (cpus !== undefined && !(Number.isFinite(cpus) && cpus >= 0.01))
    throw invalid("resources.cpus", cpus, "at least 0.01");
  if (cpus !== undefined && (cpuQuota !== undefined || cpuPeriod !== undefined)) {
    throw invalid("resources.cpus", cpus, "given without cpuQuota and cpuPeriod, which say the same");
  }
  assertWholeOrUnlimited("resources.cpuQuota", cpuQuota, 1000, "a number of microseconds");
  assertWhole("resources.cpuPeriod", cpuPeriod, 1000, 1_000_000, "a number of microseconds");
  assertWhole("resources.cpuShares", resources.cpuShares, 2, 262_144, "a share");
  assertWhole("resources.cpuRealtimePeriod", cpuRealtimePeriod, 1, MOST, "a number of microseconds");
  assertWhole("resources.cpuRealtimeRuntime", cpuRealtimeRuntime, 1, MOST, "a number of microseconds");
  if (cpuRealtimePeriod !== undefined && cpuRealtimeRuntime !== undefined && cpuRealtimeRuntime > cpuRealtimePeriod) {
    throw invalid("resources.cpuRealtimeRuntime", cpuRealtimeRuntime, "no more than resources.cpuRealtimePeriod");
  }
  for (const option of ["cpusetCpus", "cpusetMems"] as const) {
    const set = resources[option];
    if (set !== undefined && !SET_PATTERN.test(set))
      throw invalid(`resources.${option}`, set, "numbers and ranges, as 0-3,5");
  }
}

function assertBlockIO(blockIO: BlockIO): void {
  assertWhole("resources.blockIO.weight", blockIO.weight, 10, 1000, "a weight");
  for (const [index, { path, weight }] of (blockIO.weightDevices ?? []).entries()) {
    assertAbsolutePath(`resources.blockIO.weightDevices[${String(index)}].path`, path);
    assertWhole(`resources.blockIO.weightDevices[${String(index)}].weight`, weight, 10, 1000, "a weight");
  }
  for (const kind of ["readBps", "writeBps", "readIops", "writeIops"] as const) {
    for (const [index, { path, rate }] of (blockIO[kind] ?? []).entries()) {
      assertAbsolutePath(`resources.blockIO.${kind}[${String(index)}].path`, path);
      assertWhole(`resources.blockIO.${kind}[${String(index)}].rate`, rate, 1, MOST, "a rate");
    }
  }
}
