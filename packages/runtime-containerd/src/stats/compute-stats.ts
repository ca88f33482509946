import type { ContainerStats, ID } from "@voiyd/runtime-api";
import type { Usage } from "./usage.js";

export interface Sample {
  readonly id: ID;
  readonly name: string;
  /** Tells one run of the container from another. */
  readonly pid: number;
  readonly usage: Usage;
  /** Of the host's clock that only goes forward, in milliseconds. */
  readonly takenAt: number;
  readonly network: ContainerStats["network"];
}

/** What a container uses, from two samples of the same life; undefined for two that are not. */
export function computeStats(before: Sample, now: Sample, hostMemory: number): ContainerStats | undefined {
  if (before.pid !== now.pid) return undefined;
  const { id, name, usage, network } = now;
  const elapsedNs = (now.takenAt - before.takenAt) * 1_000_000;
  const usedNs = Number(usage.cpuTotalNs - before.usage.cpuTotalNs);
  return {
    id,
    name,
    time: usage.time,
    cpuPercent: elapsedNs > 0 && usedNs > 0 ? (usedNs / elapsedNs) * 100 : 0,
    cpuTotalNs: usage.cpuTotalNs,
    memoryUsage: Number(usage.memoryUsage),
    memoryLimit: usage.memoryLimit > 0n ? Math.min(Number(usage.memoryLimit), hostMemory) : hostMemory,
    pids: Number(usage.pids),
    network,
    disk: { readBytes: Number(usage.readBytes), writtenBytes: Number(usage.writtenBytes) },
  };
}
