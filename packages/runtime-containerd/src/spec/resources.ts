import type { Resources } from "@voiyd/runtime-api";
import type { LinuxResources } from "./oci.js";

/** Enough for any service, and too few for a fork bomb to take the host along. */
const DEFAULT_PIDS = 2048;

/** Microseconds of a scheduling period; the kernel's default. */
const CPU_PERIOD = 100_000;

export function linuxLimits(resources: Resources): Omit<LinuxResources, "devices"> {
  const { memory, cpus, pids = DEFAULT_PIDS } = resources;
  return {
    // Docker's default for swap: as much again as memory. The limit is for both together.
    ...(memory === undefined ? {} : { memory: { limit: memory, swap: memory * 2 } }),
    ...(cpus === undefined ? {} : { cpu: { quota: Math.round(cpus * CPU_PERIOD), period: CPU_PERIOD } }),
    ...(pids === -1 ? {} : { pids: { limit: pids } }),
  };
}
