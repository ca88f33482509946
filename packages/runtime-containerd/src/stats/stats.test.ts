import { describe, expect, test } from "@jest/globals";
import { CgroupV1MetricsSchema, CgroupV2MetricsSchema, type Metric, packAny, packJson } from "@voiyd/containerd-client";
import { generateId } from "@voiyd/runtime-api";
import { computeStats, type Sample } from "./compute-stats.js";
import { parseNetworkCounters } from "./network-counters.js";
import { usageFromMetric } from "./usage.js";

const id = generateId();
const NOW = new Date("2026-03-01T12:00:00.000Z");
const metric = (data: NonNullable<Metric["data"]>): Metric => ({ $typeName: "containerd.types.Metric", id, data });

const expected = {
  id,
  time: NOW,
  cpuTotalNs: 1_500_000n,
  memoryUsage: 700n,
  memoryLimit: 5000n,
  pids: 3n,
  readBytes: 30n,
  writtenBytes: 4n,
};

describe("what control groups count", () => {
  test("has one shape: version 2", () => {
    const data = packAny(CgroupV2MetricsSchema, {
      cpu: { usageUsec: 1500n },
      memory: { usage: 1000n, inactiveFile: 300n, usageLimit: 5000n },
      pids: { current: 3n },
      io: {
        usage: [
          { rbytes: 10n, wbytes: 4n },
          { rbytes: 20n, wbytes: 0n },
        ],
      },
    });
    expect(usageFromMetric(metric(data), NOW)).toEqual(expected);
  });

  test("has one shape: version 1", () => {
    const data = packAny(CgroupV1MetricsSchema, {
      cpu: { usage: { total: 1_500_000n } },
      memory: { usage: { usage: 1000n, limit: 5000n }, totalInactiveFile: 300n },
      pids: { current: 3n },
      blkio: {
        ioServiceBytesRecursive: [
          { op: "Read", value: 10n },
          { op: "Write", value: 4n },
          { op: "Total", value: 14n },
          { op: "Read", value: 20n },
        ],
      },
    });
    expect(usageFromMetric(metric(data), NOW)).toEqual(expected);
  });

  test("is not guessed for a runtime that counts in its own way", () => {
    expect(usageFromMetric(metric(packJson("some.other/type", {})), NOW)).toBeUndefined();
    expect(usageFromMetric({ $typeName: "containerd.types.Metric", id }, NOW)).toBeUndefined();
  });
});

test("network counters are those of all interfaces but loopback", () => {
  const text = [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0",
    "  eth0:    1016      12    0    0    0     0          0         0      866      11    0    0    0     0       0          0",
    "eth1:7 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0",
    "",
  ].join("\n");
  expect(parseNetworkCounters(text)).toEqual({ receivedBytes: 1023, sentBytes: 871 });
});

describe("from two samples", () => {
  const sample = (cpuTotalNs: bigint, takenAt: number, more: Partial<Sample> = {}): Sample => ({
    id,
    name: "web",
    pid: 7,
    usage: { ...expected, cpuTotalNs },
    takenAt,
    network: undefined,
    ...more,
  });

  test("100 percent is one busy CPU", () => {
    expect(computeStats(sample(0n, 0), sample(1_500_000_000n, 1000), 10_000)).toMatchObject({
      cpuPercent: 150,
      memoryUsage: 700,
      memoryLimit: 5000,
      pids: 3,
    });
    expect(computeStats(sample(5n, 0), sample(5n, 1000), 10_000)?.cpuPercent).toBe(0);
  });

  test("no limit is what the host has", () => {
    const unlimited = { ...expected, memoryLimit: 2n ** 64n - 1n };
    expect(computeStats(sample(0n, 0), sample(0n, 1, { usage: unlimited }), 10_000)?.memoryLimit).toBe(10_000);
  });

  test("of two lives nothing can be said", () => {
    expect(computeStats(sample(9n, 0), sample(1n, 1000, { pid: 8 }), 10_000)).toBeUndefined();
  });
});
