import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { deviceNumbers, listHostDevices } from "./devices.js";
import { cgroupV1Roots, hugePageSizes, readHostFacts } from "./facts.js";

describe("the control group controllers of a v1 host", () => {
  const MOUNTINFO = [
    "22 27 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw",
    "30 22 0:26 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755",
    "31 30 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw,nsdelegate",
    "33 30 0:29 / /sys/fs/cgroup/memory rw shared:11 - cgroup cgroup rw,memory",
    "34 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
    "35 30 0:31 / /sys/fs/cgroup/memory rw shared:12 master:1 - cgroup cgroup rw,memory",
    "36 30 0:32 / /var/cgroup-like rw shared:13 - ext4 /dev/cgroup rw",
    "37 30 0:33 / /x rw - cgroupfs none rw",
    "not a line",
    "",
  ].join("\n");

  test("are mounted where mountinfo says, each once, the unified hierarchy beside them too", () => {
    expect(cgroupV1Roots(MOUNTINFO)).toEqual([
      "/sys/fs/cgroup/unified",
      "/sys/fs/cgroup/memory",
      "/sys/fs/cgroup/cpu,cpuacct",
    ]);
  });

  test("are none where nothing is mounted", () => {
    expect(cgroupV1Roots("")).toEqual([]);
  });
});

test("sizes of huge pages are written as control groups write them", () => {
  const folders = ["hugepages-64kB", "hugepages-2048kB", "hugepages-1048576kB", "hugepages-16777216kB", "x"];
  expect(hugePageSizes(folders)).toEqual(["64KB", "2MB", "1GB", "16GB"]);
});

test("this host's facts are plausible", () => {
  const facts = readHostFacts();
  expect(facts.kernel.major).toBeGreaterThanOrEqual(3);
  expect(facts.bootId).toMatch(/^[0-9a-f-]{36}$/);
  expect(facts.memory).toBeGreaterThan(0);
  expect(facts.boundingCapabilities).toBeGreaterThanOrEqual(0n);
  expect(facts.cgroupRoots.length).toBeGreaterThan(0);
});

describe("a device's number", () => {
  test.each([
    [0x103, 1, 3],
    [0x801, 8, 1],
    [0x8802, 136, 2],
    [0xae5, 10, 229],
    [0x10_0800, 8, 256],
    [0xffff_ffff, 4095, 1_048_575],
  ])("%i is %i, %i", (rdev, major, minor) => {
    expect(deviceNumbers(rdev)).toEqual({ major, minor });
  });

  test("comes out as makedev put it in", () => {
    // The numbers that the kernel can give: 12 bits for the major one, 20 for the minor one.
    const makedev = (major: number, minor: number): number =>
      Number((BigInt(major) << 8n) | BigInt(minor & 0xff) | ((BigInt(minor) & ~0xffn) << 12n));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4095 }), fc.integer({ min: 0, max: 2 ** 20 - 1 }), (major, minor) => {
        expect(deviceNumbers(makedev(major, minor))).toEqual({ major, minor });
      }),
    );
  });
});

test("the host's devices have /dev/null among them, and nothing that a container mounts itself", async () => {
  const devices = await listHostDevices();
  expect(devices.find(({ path }) => path === "/dev/null")).toMatchObject({ type: "c", major: 1, minor: 3 });
  for (const { path } of devices) expect(path).not.toMatch(/^\/dev\/(pts|shm|mqueue|fd|console)(\/|$)/);
});
