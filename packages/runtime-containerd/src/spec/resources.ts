import type { BlockIO, Resources } from "@voiyd/runtime-api";
import type { DeviceNumbers, LinuxBlockIO, LinuxCpu, LinuxMemory, LinuxResources, LinuxThrottle } from "./oci.js";

/** Enough for any service, and too few for a fork bomb to take the host along. */
const DEFAULT_PIDS = 2048;

/** Microseconds of a scheduling period; the kernel's default. */
const CPU_PERIOD = 100_000;

/** What limits depend on beside the request. */
export interface LimitFacts {
  /** Whether the host counts swap; if not, a limit for it cannot be set. Default true. */
  readonly countsSwap?: boolean;
  /** The numbers of the block devices that the request names, by path. */
  readonly blockDevices?: ReadonlyMap<string, DeviceNumbers>;
}

/** The limits in the words of the OCI specification, which are those of control groups v1; runtimes convert them to v2. */
export function linuxLimits(resources: Resources, facts: LimitFacts = {}): Omit<LinuxResources, "devices"> {
  const { pids = DEFAULT_PIDS, hugePages = [], unified = {} } = resources;
  return {
    ...unlessEmpty("memory", memoryLimits(resources, facts.countsSwap ?? true)),
    ...unlessEmpty("cpu", cpuLimits(resources)),
    ...(pids === -1 ? {} : { pids: { limit: pids } }),
    ...unlessEmpty(
      "blockIO",
      blockLimits(resources.blockIO ?? {}, facts.blockDevices ?? new Map<string, DeviceNumbers>()),
    ),
    ...(hugePages.length === 0
      ? {}
      : { hugepageLimits: hugePages.map(({ pageSize, limit }) => ({ pageSize, limit })) }),
    ...unlessEmpty("unified", unified),
  };
}

function unlessEmpty<Key extends string, Value extends object>(key: Key, value: Value): Partial<Record<Key, Value>> {
  if (Object.keys(value).length === 0) return {};
  const part: Partial<Record<Key, Value>> = {};
  part[key] = value;
  return part;
}

function memoryLimits(resources: Resources, countsSwap: boolean): LinuxMemory {
  const { memory, memorySwap, memoryReservation, kernelMemory, memorySwappiness, oomKillDisable } = resources;
  // Docker's default for swap: as much again as memory. The limit is for both together.
  const swap = memorySwap ?? (memory === undefined || !countsSwap ? undefined : memory * 2);
  return {
    ...(memory === undefined ? {} : { limit: memory }),
    ...(memoryReservation === undefined ? {} : { reservation: memoryReservation }),
    ...(swap === undefined ? {} : { swap }),
    ...(kernelMemory === undefined ? {} : { kernel: kernelMemory }),
    ...(memorySwappiness === undefined ? {} : { swappiness: memorySwappiness }),
    ...(oomKillDisable === undefined ? {} : { disableOOMKiller: oomKillDisable }),
  };
}

function cpuLimits(resources: Resources): LinuxCpu {
  const { cpus, cpuShares, cpuRealtimeRuntime, cpuRealtimePeriod, cpusetCpus, cpusetMems } = resources;
  const quota = cpus === undefined ? resources.cpuQuota : Math.round(cpus * CPU_PERIOD);
  const period = cpus === undefined ? resources.cpuPeriod : CPU_PERIOD;
  return {
    ...(cpuShares === undefined ? {} : { shares: cpuShares }),
    ...(quota === undefined ? {} : { quota }),
    ...(period === undefined ? {} : { period }),
    ...(cpuRealtimeRuntime === undefined ? {} : { realtimeRuntime: cpuRealtimeRuntime }),
    ...(cpuRealtimePeriod === undefined ? {} : { realtimePeriod: cpuRealtimePeriod }),
    ...(cpusetCpus === undefined ? {} : { cpus: cpusetCpus }),
    ...(cpusetMems === undefined ? {} : { mems: cpusetMems }),
  };
}

function blockLimits(blockIO: BlockIO, devices: ReadonlyMap<string, DeviceNumbers>): LinuxBlockIO {
  const numbersOf = (path: string): DeviceNumbers => {
    const numbers = devices.get(path);
    if (numbers === undefined) throw new TypeError(`the numbers of ${path} were not looked up`);
    return numbers;
  };
  const throttle = (rates: BlockIO["readBps"]): readonly LinuxThrottle[] =>
    (rates ?? []).map(({ path, rate }) => ({ ...numbersOf(path), rate }));
  const lists = {
    weightDevice: (blockIO.weightDevices ?? []).map(({ path, weight }) => ({ ...numbersOf(path), weight })),
    throttleReadBpsDevice: throttle(blockIO.readBps),
    throttleWriteBpsDevice: throttle(blockIO.writeBps),
    throttleReadIOPSDevice: throttle(blockIO.readIops),
    throttleWriteIOPSDevice: throttle(blockIO.writeIops),
  };
  return {
    ...(blockIO.weight === undefined ? {} : { weight: blockIO.weight }),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
  };
}

/** The block devices that a request names. */
export function namedBlockDevices(blockIO: BlockIO): readonly string[] {
  const { weightDevices = [], readBps = [], writeBps = [], readIops = [], writeIops = [] } = blockIO;
  return [...new Set([...weightDevices, ...readBps, ...writeBps, ...readIops, ...writeIops].map(({ path }) => path))];
}
