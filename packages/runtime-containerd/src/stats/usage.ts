import { CgroupV1MetricsSchema, CgroupV2MetricsSchema, type Metric, unpackAny } from "@voiyd/containerd-client";

/** What a control group has counted, whatever its version. Bytes and nanoseconds. */
export interface Usage {
  readonly id: string;
  readonly time: Date;
  readonly cpuTotalNs: bigint;
  readonly memoryUsage: bigint;
  /** All bits set, or close to it, where there is none. */
  readonly memoryLimit: bigint;
  readonly pids: bigint;
  readonly readBytes: bigint;
  readonly writtenBytes: bigint;
}

/** Undefined for a measurement of another kind. A measurement without a time is one of `now`. */
export function usageFromMetric({ id, timestamp, data }: Metric, now: Date): Usage | undefined {
  if (data === undefined) return undefined;
  const time =
    timestamp === undefined
      ? now
      : new Date(Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1_000_000));
  return fromV2(id, time, data) ?? fromV1(id, time, data);
}

type Data = NonNullable<Metric["data"]>;

function fromV2(id: string, time: Date, data: Data): Usage | undefined {
  const metrics = unpackAny(CgroupV2MetricsSchema, data);
  if (metrics === undefined) return undefined;
  const { cpu, memory, pids, io } = metrics;
  const devices = io?.usage ?? [];
  return {
    id,
    time,
    cpuTotalNs: (cpu?.usageUsec ?? 0n) * 1000n,
    memoryUsage: withoutCache(memory?.usage, memory?.inactiveFile),
    memoryLimit: memory?.usageLimit ?? 0n,
    pids: pids?.current ?? 0n,
    readBytes: devices.reduce((sum, { rbytes }) => sum + rbytes, 0n),
    writtenBytes: devices.reduce((sum, { wbytes }) => sum + wbytes, 0n),
  };
}

function fromV1(id: string, time: Date, data: Data): Usage | undefined {
  const metrics = unpackAny(CgroupV1MetricsSchema, data);
  if (metrics === undefined) return undefined;
  const { cpu, memory, pids, blkio } = metrics;
  const moved = (op: string): bigint =>
    (blkio?.ioServiceBytesRecursive ?? []).reduce(
      (sum, entry) => (entry.op.toLowerCase() === op ? sum + entry.value : sum),
      0n,
    );
  return {
    id,
    time,
    cpuTotalNs: cpu?.usage?.total ?? 0n,
    memoryUsage: withoutCache(memory?.usage?.usage, memory?.totalInactiveFile),
    memoryLimit: memory?.usage?.limit ?? 0n,
    pids: pids?.current ?? 0n,
    readBytes: moved("read"),
    writtenBytes: moved("write"),
  };
}

/** The two numbers are not of the same moment: the cache can be the larger one. */
function withoutCache(usage = 0n, inactiveFile = 0n): bigint {
  return usage > inactiveFile ? usage - inactiveFile : usage;
}
