import { join } from "node:path";
import { CgroupV1MetricsSchema, CgroupV2MetricsSchema, isContainerdError, unpackAny } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";
import { hasCode } from "../host/file-store.js";
import { cgroupFolder } from "../spec/cgroup-path.js";

/**
 * Whether the kernel has killed a process of the container for want of memory, from the container's control group;
 * undefined when that cannot be read any more. To be asked before the task is deleted: the group goes with it.
 */
export async function wasOomKilled(
  context: RuntimeContext,
  id: string,
  options: { signal?: AbortSignal },
): Promise<boolean | undefined> {
  const kills = (await killsOfGroup(context, id)) ?? (await killsAtShim(context, id, options));
  return kills === undefined ? undefined : kills > 0n;
}

/** Where the kernel counts, by the version of control groups: `memory.events` (v2) and `memory.oom_control` (v1). */
const COUNTERS = ["memory.events", "memory.oom_control"];

/**
 * From the files of the group itself, which needs no daemon. Undefined where it is not in its usual place, and where the
 * kernel does not count.
 */
export async function killsOfGroup(
  { host, namespace, cgroupDriver }: Pick<RuntimeContext, "host" | "namespace" | "cgroupDriver">,
  id: string,
): Promise<bigint | undefined> {
  const folder = cgroupFolder({ driver: cgroupDriver, namespace, id });
  for (const path of host.facts.cgroupRoots.flatMap((root) => COUNTERS.map((file) => join(root, folder, file)))) {
    try {
      const count = /^oom_kill ([0-9]+)$/m.exec(await host.files.read(path))?.[1];
      if (count !== undefined) return BigInt(count);
    } catch (error) {
      // ENODEV: the group is being removed.
      if (!hasCode(error, "ENOENT", "ENODEV")) throw error;
    }
  }
  return undefined;
}

async function killsAtShim(
  context: RuntimeContext,
  id: string,
  options: { signal?: AbortSignal },
): Promise<bigint | undefined> {
  try {
    const { metrics } = await context.client.tasks.metrics(
      { filters: [`id==${id}`] },
      { ...options, timeoutMs: 2_000 },
    );
    const data = metrics.find((metric) => metric.id === id)?.data;
    if (data === undefined) return undefined;
    const v2 = unpackAny(CgroupV2MetricsSchema, data)?.memoryEvents?.oomKill;
    const v1 = unpackAny(CgroupV1MetricsSchema, data)?.memoryOomControl?.oomKill;
    return v2 ?? v1;
  } catch (error) {
    if (isContainerdError(error)) return undefined;
    throw error;
  }
}
