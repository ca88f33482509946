import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "../container.js";
import { isRuntimeError } from "../runtime-error.js";
import { assertContainerRequest } from "./container-request.js";

/** The option that is named by the refusal of a configuration, or `accepted`. */
function outcome(part: Partial<ContainerConfig>): unknown {
  try {
    assertContainerRequest({ meta: { name: "web" }, config: { image: "nginx", ...part } });
    return "accepted";
  } catch (error) {
    return isRuntimeError(error, "INVALID_ARGUMENT") ? error.details["option"] : error;
  }
}

const MIB = 1024 * 1024;
const USER_NAMESPACE = {
  uids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
  gids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
};

const ACCEPTED: readonly (readonly [name: string, part: Partial<ContainerConfig>])[] = [
  ["a platform", { platform: "linux/arm/v7" }],
  ["an architecture", { platform: "ARM64" }],
  ["a domain", { domainname: "example.org" }],
  ["groups", { groupAdd: ["wheel", "0", "2147483647", "daemon$"] }],
  ["a umask", { umask: 0o077 }],
  ["ambient capabilities", { capabilities: { add: ["NET_ADMIN"], ambient: ["net_admin"] } }],
  ["the preset", { hardened: true }],
  ["a seccomp profile", { seccomp: { profile: "{}" } }],
  ["no seccomp", { seccomp: "unconfined" }],
  ["an AppArmor profile", { apparmor: "docker-default" }],
  ["a SELinux label", { selinux: { type: "svirt_lxc_net_t", level: "s0:c100,c200" } }],
  ["no SELinux label", { selinux: "disable" }],
  ["no masked paths", { maskedPaths: [], readonlyPaths: [] }],
  [
    "a device",
    {
      devices: [
        { path: "/dev/fuse", destination: "/dev/f", permissions: "rw" },
        { cdi: "nvidia.com/gpu=all" },
        { cdi: "a-b.c/d_e=0:1.2" },
      ],
    },
  ],
  ["device rules", { deviceCgroupRules: ["c 13:* rwm", "a *:* m", "b 7:0 r"] }],
  ["another container's network", { network: "container:web-2" }],
  ["namespaces", { namespaces: { pid: "host", ipc: "container:a", uts: "host", cgroup: "private", user: "host" } }],
  ["a user namespace", { namespaces: { user: USER_NAMESPACE } }],
  [
    "name servers",
    { dns: { servers: ["9.9.9.9", "2620:fe::fe"], search: ["example.org", "."], options: ["ndots:2", "rotate"] } },
  ],
  [
    "hosts",
    {
      extraHosts: [
        { name: "db", address: "10.0.0.9" },
        { name: "host.internal", address: "host-gateway" },
      ],
    },
  ],
  [
    "sysctls",
    {
      sysctls: {
        "net.core.somaxconn": "64",
        "kernel.shmmax": "1",
        "fs.mqueue.msg_max": "9",
        "net/ipv4/ip_forward": "1",
      },
    },
  ],
  [
    "ulimits",
    {
      ulimits: [
        { name: "nofile", soft: 1, hard: 2 },
        { name: "core", soft: 0, hard: -1 },
        { name: "nproc", soft: -1, hard: -1 },
      ],
    },
  ],
  ["an out-of-memory score", { oomScoreAdj: -1000 }],
  ["a cgroup parent", { cgroupParent: "/a/b" }],
  ["a slice", { cgroupParent: "my-own.slice" }],
  ["shared memory", { shmSize: 1 }],
  ["volumes of others", { volumesFrom: [{ container: "db", readOnly: true }, { container: "0a1b" }] }],
  ["control groups to write to", { writableCgroups: true }],
  ["an init process", { init: true }],
  ["annotations", { annotations: { "org.example/a": "b" } }],
  ["a runtime", { runtime: "io.containerd.runc.v2" }],
  [
    "memory",
    {
      resources: {
        memory: 64 * MIB,
        memorySwap: -1,
        memoryReservation: 32 * MIB,
        memorySwappiness: 0,
        kernelMemory: 32 * MIB,
        oomKillDisable: true,
      },
    },
  ],
  [
    "CPUs",
    {
      resources: {
        cpuQuota: 1000,
        cpuPeriod: 1000,
        cpuShares: 2,
        cpusetCpus: "0-3,5",
        cpusetMems: "0",
        cpuRealtimePeriod: 2,
        cpuRealtimeRuntime: 1,
      },
    },
  ],
  [
    "block devices",
    {
      resources: {
        blockIO: {
          weight: 10,
          weightDevices: [{ path: "/dev/sda", weight: 1000 }],
          readBps: [{ path: "/dev/sda", rate: 1 }],
        },
      },
    },
  ],
  ["huge pages", { resources: { hugePages: [{ pageSize: "2MB", limit: 0 }] } }],
  ["files of control groups", { resources: { unified: { "memory.high": "64M" } } }],
  [
    "a volume",
    {
      mounts: [
        { type: "volume", name: "data", destination: "/data", noCopy: true },
        { type: "volume", destination: "/more" },
      ],
    },
  ],
  [
    "a read-only tree",
    { mounts: [{ type: "bind", source: "/", destination: "/host", readOnly: true, readOnlyDepth: "recursive" }] },
  ],
  ["a folder in memory", { mounts: [{ type: "tmpfs", destination: "/tmp", exec: true, uid: 1, gid: 2 }] }],
];

const REFUSED: readonly (readonly [option: string, part: Partial<ContainerConfig>])[] = [
  ["platform", { platform: "windows/amd64" }],
  ["platform", { platform: "linux/" }],
  ["platform", { platform: "linux/arm/v7/x" }],
  ["platform", { platform: "" }],
  ["domainname", { domainname: "a b" }],
  ["groupAdd", { groupAdd: ["a:b"] }],
  ["groupAdd", { groupAdd: ["2147483648"] }],
  ["groupAdd", { groupAdd: ["12345678901"] }],
  ["groupAdd", { groupAdd: ["007"] }],
  ["umask", { umask: 0o1000 }],
  ["umask", { umask: 1.5 }],
  ["capabilities.ambient", { capabilities: { ambient: ["ALL"] } }],
  ["capabilities", { capabilities: { ambient: ["FLY"] } }],
  ["hardened", { hardened: true, privileged: true }],
  ["apparmor", { apparmor: "../x y" }],
  ["selinux.type", { selinux: { type: "a:b" } }],
  ["selinux.level", { selinux: { level: "c1" } }],
  ["maskedPaths", { maskedPaths: ["proc"] }],
  ["readonlyPaths", { readonlyPaths: ["/proc/../etc"] }],
  ["devices[0].path", { devices: [{ path: "dev/fuse" }] }],
  ["devices[0].destination", { devices: [{ path: "/dev/fuse", destination: "/dev/../etc/x" }] }],
  ["devices[0].permissions", { devices: [{ path: "/dev/fuse", permissions: "rx" }] }],
  ["devices[0].permissions", { devices: [{ path: "/dev/fuse", permissions: "rr" }] }],
  ["devices[0].permissions", { devices: [{ path: "/dev/fuse", permissions: "" }] }],
  ["devices[0].cdi", { devices: [{ cdi: "gpu" }] }],
  ["devices[0].cdi", { devices: [{ cdi: "vendor.com/../x=0" }] }],
  ["deviceCgroupRules", { deviceCgroupRules: ["c 13:*"] }],
  ["deviceCgroupRules", { deviceCgroupRules: ["x 1:1 r"] }],
  ["deviceCgroupRules", { deviceCgroupRules: ["c 1:1 r\nc 2:2 r"] }],
  ["network", { network: "container:" }],
  ["portMappings", { network: "container:a", portMappings: [{ containerPort: 1, hostPort: 1 }] }],
  ["hostname", { network: "container:a", hostname: "web" }],
  ["dns", { network: "container:a", dns: {} }],
  ["extraHosts", { network: "container:a", extraHosts: [{ name: "a", address: "10.0.0.1" }] }],
  ["hostname", { namespaces: { uts: "host" }, hostname: "web" }],
  ["domainname", { namespaces: { uts: "host" }, domainname: "web" }],
  ["namespaces.user", { namespaces: { user: USER_NAMESPACE }, privileged: true }],
  ["namespaces.pid", { namespaces: { user: USER_NAMESPACE, pid: "host" } }],
  ["network", { namespaces: { user: USER_NAMESPACE }, network: "host" }],
  ["namespaces.user.uids", { namespaces: { user: { ...USER_NAMESPACE, uids: [] } } }],
  [
    "namespaces.user.gids",
    { namespaces: { user: { ...USER_NAMESPACE, gids: [{ containerId: 1, hostId: 1, size: 1 }] } } },
  ],
  [
    "namespaces.user.uids.hostId",
    { namespaces: { user: { ...USER_NAMESPACE, uids: [{ containerId: 0, hostId: -1, size: 1 }] } } },
  ],
  ["shmSize", { namespaces: { ipc: "host" }, shmSize: 1024 }],
  ["dns.servers", { dns: { servers: ["dns.example"] } }],
  ["dns.servers", { dns: { servers: ["1.1.1.1\noptions inet6"] } }],
  ["dns.search", { dns: { search: ["a b"] } }],
  ["dns.search", { dns: { search: [""] } }],
  ["dns.options", { dns: { options: ["a\nnameserver 1.1.1.1"] } }],
  ["extraHosts[0].name", { extraHosts: [{ name: "a b", address: "10.0.0.1" }] }],
  ["extraHosts[0].address", { extraHosts: [{ name: "a", address: "10.0.0.1 b" }] }],
  ["sysctls[kernel.core_pattern]", { sysctls: { "kernel.core_pattern": "|/bin/x" } }],
  ["sysctls[vm.swappiness]", { sysctls: { "vm.swappiness": "1" } }],
  ["sysctls", { sysctls: { "net.../x": "1" } }],
  ["sysctls[net.ipv4.ip_forward]", { network: "host", sysctls: { "net.ipv4.ip_forward": "1" } }],
  ["sysctls[net.ipv4.ip_forward]", { network: "container:a", sysctls: { "net.ipv4.ip_forward": "1" } }],
  [
    "sysctls[net.ipv4.ip_forward]",
    {
      namespaces: {
        user: {
          uids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
          gids: [{ containerId: 0, hostId: 100_000, size: 65_536 }],
        },
      },
      sysctls: { "net.ipv4.ip_forward": "1" },
    },
  ],
  ["sysctls[kernel.sem]", { namespaces: { ipc: "host" }, sysctls: { "kernel.sem": "1" } }],
  ["ulimits[0].name", { ulimits: [{ name: "files", soft: 1, hard: 1 }] }],
  ["ulimits[0].soft", { ulimits: [{ name: "nofile", soft: 2, hard: 1 }] }],
  ["ulimits[0].soft", { ulimits: [{ name: "nofile", soft: -1, hard: 1 }] }],
  ["ulimits[0].hard", { ulimits: [{ name: "nofile", soft: 0, hard: -2 }] }],
  [
    "ulimits[1].name",
    {
      ulimits: [
        { name: "core", soft: 0, hard: 0 },
        { name: "core", soft: 0, hard: 0 },
      ],
    },
  ],
  ["oomScoreAdj", { oomScoreAdj: 1001 }],
  ["cgroupParent", { cgroupParent: "/a/../b" }],
  ["cgroupParent", { cgroupParent: "a b" }],
  ["shmSize", { shmSize: 0 }],
  ["runtime", { runtime: "/bin/sh" }],
  ["annotations", { annotations: { "": "x" } }],
  ["resources.memory", { resources: { memory: 1024 } }],
  ["resources.memorySwap", { resources: { memorySwap: 64 * MIB } }],
  ["resources.memorySwap", { resources: { memory: 64 * MIB, memorySwap: 32 * MIB } }],
  ["resources.memorySwappiness", { resources: { memorySwappiness: 101 } }],
  ["resources.memoryReservation", { resources: { memory: 64 * MIB, memoryReservation: 65 * MIB } }],
  ["resources.kernelMemory", { resources: { kernelMemory: 1 } }],
  ["resources.oomKillDisable", { resources: { oomKillDisable: true } }],
  ["resources.cpus", { resources: { cpus: 1, cpuQuota: 1000 } }],
  ["resources.cpuQuota", { resources: { cpuQuota: 999 } }],
  ["resources.cpuPeriod", { resources: { cpuPeriod: 1_000_001 } }],
  ["resources.cpuShares", { resources: { cpuShares: 1 } }],
  ["resources.cpusetCpus", { resources: { cpusetCpus: "0-" } }],
  ["resources.cpuRealtimeRuntime", { resources: { cpuRealtimePeriod: 1, cpuRealtimeRuntime: 2 } }],
  ["resources.blockIO.weight", { resources: { blockIO: { weight: 9 } } }],
  [
    "resources.blockIO.weightDevices[0].path",
    { resources: { blockIO: { weightDevices: [{ path: "sda", weight: 10 }] } } },
  ],
  ["resources.blockIO.writeIops[0].rate", { resources: { blockIO: { writeIops: [{ path: "/dev/sda", rate: 0 }] } } }],
  ["resources.hugePages[0].pageSize", { resources: { hugePages: [{ pageSize: "2 MB", limit: 1 }] } }],
  ["resources.unified", { resources: { unified: { "../cgroup.procs": "1" } } }],
  ["mounts[0].name", { mounts: [{ type: "volume", name: "../x", destination: "/data" }] }],
  ["mounts[0].name", { mounts: [{ type: "volume", name: "a", destination: "/data" }] }],
  ["mounts[0].destination", { mounts: [{ type: "volume", destination: "data" }] }],
  [
    "mounts[0].readOnlyDepth",
    { mounts: [{ type: "bind", source: "/", destination: "/a", readOnlyDepth: "recursive" }] },
  ],
  ["mounts[0].uid", { mounts: [{ type: "tmpfs", destination: "/a", uid: -1 }] }],
  ["volumesFrom[0].container", { volumesFrom: [{ container: "" }] }],
  ["volumesFrom[1].container", { volumesFrom: [{ container: "db" }, { container: "../db" }] }],
];

describe("what a container can be given", () => {
  test.each(ACCEPTED)("%s is accepted", (_name, part) => {
    expect(outcome(part)).toBe("accepted");
  });

  test.each(REFUSED)("%s is refused, and named: %j", (option, part) => {
    expect(outcome(part)).toBe(option);
  });
});
