import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import { ALL, check, HOST, SYS_RESOURCE } from "../testing/build-options.js";
import { assertHostCan } from "./check-host.js";

const WITHOUT_RESOURCE = { boundingCapabilities: ALL & ~SYS_RESOURCE };
const REFUSED: readonly (readonly [
  name: string,
  option: string,
  config: Partial<ContainerConfig>,
  host?: Partial<HostFacts>,
  driver?: "systemd",
])[] = [
  [
    "more open files than the kernel allows anybody",
    "ulimits[0].hard",
    { ulimits: [{ name: "nofile", soft: 1, hard: 1_048_577 }] },
  ],
  ["no limit of open files", "ulimits[0].hard", { ulimits: [{ name: "nofile", soft: 1, hard: -1 }] }],
  [
    "a limit above the host's, which it may not raise",
    "ulimits[0].hard",
    { ulimits: [{ name: "nofile", soft: 1, hard: 20_001 }] },
    WITHOUT_RESOURCE,
  ],
  [
    "no limit where the host has one, which it may not raise",
    "ulimits[0].hard",
    { ulimits: [{ name: "nproc", soft: 1, hard: -1 }] },
    WITHOUT_RESOURCE,
  ],
  ["a score below the host's, which it may not lower", "oomScoreAdj", { oomScoreAdj: -1 }, WITHOUT_RESOURCE],
  [
    "a capability that the host has not",
    "capabilities.add",
    { capabilities: { add: ["SYS_RESOURCE"] } },
    WITHOUT_RESOURCE,
  ],
  [
    "an ambient capability that the container has not",
    "capabilities.ambient",
    { capabilities: { ambient: ["SYS_ADMIN"] } },
  ],
  [
    "an ambient capability that is dropped",
    "capabilities.ambient",
    { capabilities: { drop: ["CHOWN"], ambient: ["CHOWN"] } },
  ],
  ["a seccomp profile that is none", "seccomp", { seccomp: { profile: "no" } }],
  ["a SELinux label without SELinux", "selinux", { selinux: {} }],
  ["an AppArmor profile without AppArmor", "apparmor", { apparmor: "mine" }],
  ["more CPUs than there are", "resources.cpus", { resources: { cpus: 2.01 } }],
  ["a CPU that is not there", "resources.cpusetCpus", { resources: { cpusetCpus: "0,2" } }],
  ["a range the wrong way round", "resources.cpusetCpus", { resources: { cpusetCpus: "1-0" } }],
  ["a memory node that is not there", "resources.cpusetMems", { resources: { cpusetMems: "1" } }],
  ["kernel memory that cannot be limited", "resources.kernelMemory", { resources: { kernelMemory: 2 ** 26 } }],
  [
    "a weight for block devices that cannot be had",
    "resources.blockIO.weight",
    { resources: { blockIO: { weight: 10 } } },
  ],
  ["real time that cannot be had", "resources.cpuRealtimeRuntime", { resources: { cpuRealtimeRuntime: 1 } }],
  [
    "huge pages that cannot be limited",
    "resources.hugePages",
    { resources: { hugePages: [{ pageSize: "2MB", limit: 1 }] } },
  ],
  [
    "huge pages of a size that the host has not",
    "resources.hugePages",
    { resources: { hugePages: [{ pageSize: "1GB", limit: 1 }] } },
    { cgroupFeatures: new Set(["hugetlb"]), hugePageSizes: ["2MB"] },
  ],
  ["files of v2 with v1", "resources.unified", { resources: { unified: { "memory.high": "1" } } }],
  [
    "swap that is not counted",
    "resources.memorySwap",
    { resources: { memory: 2 ** 26, memorySwap: 2 ** 27 } },
    { cgroupFeatures: new Set(["memory"]) },
  ],
  ["a path where slices are wanted", "cgroupParent", { cgroupParent: "/a/b" }, {}, "systemd"],
];

describe("what a host cannot give is refused before anything is made", () => {
  test.each(REFUSED)("%s", (_name, option, config, host = {}, driver) => {
    expect(check(config, host, driver ?? "cgroupfs")).toBe(option);
  });

  test.each([
    ["a limit above the host's, which it may raise", { ulimits: [{ name: "nofile", soft: 1, hard: 1_048_576 }] }, {}],
    ["a limit below the host's", { ulimits: [{ name: "nofile", soft: 1, hard: 20_000 }] }, WITHOUT_RESOURCE],
    ["no limit where the host has none", { ulimits: [{ name: "core", soft: -1, hard: -1 }] }, WITHOUT_RESOURCE],
    ["a score above the host's", { oomScoreAdj: 0 }, WITHOUT_RESOURCE],
    ["all CPUs", { resources: { cpus: 2, cpusetCpus: "0-1" } }, {}],
    [
      "anything, on a host of which nothing is known",
      { resources: { cpus: 99, kernelMemory: 2 ** 26, cpusetCpus: "7" } },
      { cpus: undefined, cgroupFeatures: undefined, onlineCpus: undefined },
    ],
  ] as const)("not: %s", (_name, config, host) => {
    const known = Object.fromEntries(Object.entries({ ...HOST, ...host }).filter(([, value]) => value !== undefined));
    expect(() => {
      assertHostCan(
        { image: "app", ...config },
        { ...known, ...pick(HOST) },
        { driver: "cgroupfs", namespace: "voiyd" },
      );
    }).not.toThrow();
    function pick({
      architecture,
      cgroupVersion,
      kernel,
      memory,
      bootId,
      cgroupRoots,
    }: HostFacts): Omit<HostFacts, "boundingCapabilities"> & Pick<HostFacts, "boundingCapabilities"> {
      return {
        architecture,
        cgroupVersion,
        kernel,
        memory,
        bootId,
        cgroupRoots,
        boundingCapabilities: "boundingCapabilities" in host ? host.boundingCapabilities : ALL,
      };
    }
  });
});
