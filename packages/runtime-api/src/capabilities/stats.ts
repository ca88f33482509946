import type { ContainerRef } from "../container.js";
import type { ID } from "../id.js";
import type { OperationOptions, Runtime } from "../runtime.js";

/** What a running container uses. All counters begin with its start. */
export interface ContainerStats {
  readonly id: ID;
  readonly name: string;
  /** When it was measured. */
  readonly time: Date;
  /** Between the last measurement and this one; 100 is one CPU that is busy all the time. */
  readonly cpuPercent: number;
  /** CPU time of all processes, in nanoseconds. */
  readonly cpuTotalNs: bigint;
  /** Bytes in use, without the file cache that can be given back at once. */
  readonly memoryUsage: number;
  /** In bytes: what the container may use, at most what the host has. */
  readonly memoryLimit: number;
  /** Processes and threads. */
  readonly pids: number;
  /** Over all interfaces but loopback; undefined for a container that shares the host's. */
  readonly network: { readonly receivedBytes: number; readonly sentBytes: number } | undefined;
  /** Of block devices; what comes from the page cache is not counted. */
  readonly disk: { readonly readBytes: number; readonly writtenBytes: number };
}

export interface StatsOptions extends OperationOptions {
  /** Default: every running container, those that are started meanwhile too. */
  readonly containers?: readonly ContainerRef[];
  /** Between two measurements, in milliseconds, at least 10. Default 1000. */
  readonly intervalMs?: number;
}

/** The capability to tell what running containers use. */
export interface Stats {
  /**
   * A measurement of all of them at each interval, the first one after the first interval, for as long as it is read.
   * A container that does not run has no entry in it. Throws `NOT_FOUND` at the first one, for a container that was asked
   * for and does not exist.
   */
  stats(options?: StatsOptions): AsyncIterable<readonly ContainerStats[]>;
}

/** Whether the runtime has {@link Stats}. */
export function hasStats(runtime: Runtime): runtime is Runtime & Stats {
  return "stats" in runtime && typeof runtime.stats === "function";
}
