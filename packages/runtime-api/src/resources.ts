/** Limits, enforced by the kernel's control groups. What is absent is not limited. */
export interface Resources {
  /** In bytes. At least 6 MiB, below which runc cannot start a process. */
  readonly memory?: number;
  /** In CPUs, fractions allowed: 0.5 is half of one. */
  readonly cpus?: number;
  /** The number of processes and threads. Default 2048; -1 lifts the limit. */
  readonly pids?: number;
}
