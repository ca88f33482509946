/** Limits, enforced by the kernel's control groups. What is absent is not limited. */
export interface Resources {
  /** In bytes. At least 6 MiB, below which runc cannot start a process. */
  readonly memory?: number;
  /**
   * Memory and swap space together, in bytes; -1 for as much swap as there is. Needs `memory`, and is no less than it.
   * Default: twice `memory`, where the host counts swap.
   */
  readonly memorySwap?: number;
  /** In bytes. What the kernel tries to press the container down to when memory is short. No more than `memory`. */
  readonly memoryReservation?: number;
  /** 0 to 100: how readily the kernel swaps. Control groups v1 only. */
  readonly memorySwappiness?: number;
  /** In bytes, at least 6 MiB. Control groups v1 only, and only in kernels before 6.1. */
  readonly kernelMemory?: number;
  /** The container waits for memory instead of being ended. Control groups v1 only; needs `memory`. */
  readonly oomKillDisable?: boolean;

  /** In CPUs, fractions allowed: 0.5 is half of one. Not beside `cpuQuota` and `cpuPeriod`, which say the same. */
  readonly cpus?: number;
  /** Microseconds of CPU time in a period; at least 1000, or -1 for no limit. */
  readonly cpuQuota?: number;
  /** In microseconds, 1000 to 1 000 000. Default 100 000. */
  readonly cpuPeriod?: number;
  /** The share beside other containers when all want the CPU; 2 to 262 144. The kernel's default is 1024. */
  readonly cpuShares?: number;
  /** CPUs to run on, as `0-3,5`. */
  readonly cpusetCpus?: string;
  /** Memory nodes to use, as `0,1`. */
  readonly cpusetMems?: string;
  /** Microseconds in a period that real-time processes may use. Control groups v1 only. */
  readonly cpuRealtimeRuntime?: number;
  /** In microseconds. Control groups v1 only. */
  readonly cpuRealtimePeriod?: number;

  /** The number of processes and threads. Default 2048; -1 lifts the limit. */
  readonly pids?: number;
  readonly blockIO?: BlockIO;
  /** Limits for pages of given sizes, as `{ pageSize: "2MB", limit: 4194304 }`. */
  readonly hugePages?: readonly HugePageLimit[];
  /** Files of control groups v2 and what to write into them, as `{ "memory.high": "64M" }`. */
  readonly unified?: Readonly<Record<string, string>>;
}

export interface BlockIO {
  /** The share beside other containers; 10 to 1000. */
  readonly weight?: number;
  readonly weightDevices?: readonly { readonly path: string; readonly weight: number }[];
  /** Bytes a second. */
  readonly readBps?: readonly DeviceRate[];
  readonly writeBps?: readonly DeviceRate[];
  /** Operations a second. */
  readonly readIops?: readonly DeviceRate[];
  readonly writeIops?: readonly DeviceRate[];
}

export interface DeviceRate {
  /** A block device of the host, as `/dev/sda`. */
  readonly path: string;
  readonly rate: number;
}

export interface HugePageLimit {
  /** As the kernel writes it: `64KB`, `2MB`, `1GB`. */
  readonly pageSize: string;
  /** In bytes. */
  readonly limit: number;
}
