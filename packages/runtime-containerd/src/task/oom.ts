import { CgroupV1MetricsSchema, CgroupV2MetricsSchema, isContainerdError, unpackAny } from "@voiyd/containerd-client";
import type { RuntimeContext } from "../context.js";

/**
 * Whether the kernel has killed a process of the container for want of memory, from the container's control group;
 * undefined when that cannot be read any more. To be asked before the task is deleted: the group goes with it.
 */
export async function wasOomKilled(
  context: RuntimeContext,
  id: string,
  options: { signal?: AbortSignal },
): Promise<boolean | undefined> {
  try {
    const { metrics } = await context.client.tasks.metrics(
      { filters: [`id==${id}`] },
      { ...options, timeoutMs: 2_000 },
    );
    const data = metrics.find((metric) => metric.id === id)?.data;
    if (data === undefined) return undefined;
    const v2 = unpackAny(CgroupV2MetricsSchema, data)?.memoryEvents?.oomKill;
    const v1 = unpackAny(CgroupV1MetricsSchema, data)?.memoryOomControl?.oomKill;
    const kills = v2 ?? v1;
    return kills === undefined ? undefined : kills > 0n;
  } catch (error) {
    if (isContainerdError(error)) return undefined;
    throw error;
  }
}
