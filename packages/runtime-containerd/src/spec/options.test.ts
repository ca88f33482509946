import { describe, expect, test } from "@jest/globals";
import { CAPABILITY_NAMES, type ContainerConfig, generateId, isRuntimeError } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import { assertHostCan } from "../request/check-host.js";
import type { RequestFacts, SpecInput } from "./build-spec.js";
import { buildSpec } from "../testing/checked-spec.js";
import { cgroupFolder } from "./cgroup-path.js";
import { encodeSpec } from "./encode-spec.js";
import type { Spec } from "./oci.js";

const ALL = (1n << BigInt(CAPABILITY_NAMES.length)) - 1n;
const SYS_RESOURCE = 1n << 24n;
const HOST: HostFacts = {
  architecture: "x64",
  cgroupVersion: 1,
  kernel: { major: 6, minor: 1 },
  memory: 2 ** 30,
  bootId: "b",
  boundingCapabilities: ALL,
  cgroupRoots: [],
  cpus: 2,
  onlineCpus: "0-1",
  onlineMems: "0",
  maxOpenFiles: 1_048_576,
  hardLimits: { nofile: 20_000, nproc: 96_365, core: -1 },
  oomScoreAdj: 0,
  apparmor: false,
  selinux: false,
  cgroupFeatures: new Set([
    "memory",
    "swap",
    "swappiness",
    "oom-control",
    "cpu",
    "cpu-quota",
    "cpuset",
    "pids",
    "block",
  ]),
};
const ID = generateId();

function build(config: Partial<ContainerConfig>, found: RequestFacts = {}, more: Partial<SpecInput> = {}): Spec {
  const spec = buildSpec({
    id: ID,
    namespace: "voiyd",
    config: { image: "app", ...config },
    image: { env: [], cmd: ["serve"] },
    host: HOST,
    user: { uid: 0, gid: 0, additionalGids: [0] },
    hostname: "web",
    network: { kind: "none" },
    ownMounts: [],
    devices: [],
    found,
    ...more,
  });
  return spec;
}

/** The option that the host's check names, or `accepted`. */
function check(
  config: Partial<ContainerConfig>,
  host: Partial<HostFacts> = {},
  driver: "cgroupfs" | "systemd" = "cgroupfs",
): unknown {
  try {
    assertHostCan({ image: "app", ...config }, { ...HOST, ...host }, { driver, namespace: "voiyd" });
    return "accepted";
  } catch (error) {
    return isRuntimeError(error, "INVALID_ARGUMENT") ? error.details["option"] : error;
  }
}

/** A part of a specification by its path, as `linux.resources.cpu`. */
function part(spec: Spec, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
      JSON.parse(encodeSpec(spec)),
    );
}

const RESULTS: readonly (readonly [name: string, config: Partial<ContainerConfig>, path: string, expected: unknown])[] =
  [
    [
      "a domain is a setting of the UTS namespace",
      { domainname: "example.org" },
      "linux.sysctl",
      expect.objectContaining({ "kernel.domainname": "example.org" }),
    ],
    ["the host's UTS namespace keeps its name", { namespaces: { uts: "host" } }, "hostname", undefined],
    ["a umask", { umask: 0o027 }, "process.user.umask", 0o027],
    ["annotations", { annotations: { a: "b" } }, "annotations", { a: "b" }],
    ["no seccomp", { seccomp: "unconfined" }, "linux.seccomp", undefined],
    [
      "seccomp for a privileged container, if asked for",
      { privileged: true, seccomp: "default" },
      "linux.seccomp.defaultAction",
      "SCMP_ACT_ERRNO",
    ],
    ["own masked paths", { maskedPaths: ["/proc/x"] }, "linux.maskedPaths", ["/proc/x"]],
    ["no masked paths", { maskedPaths: [] }, "linux.maskedPaths", undefined],
    [
      "namespaces of the host",
      { namespaces: { pid: "host", ipc: "host", uts: "host" } },
      "linux.namespaces",
      [{ type: "mount" }, { type: "network" }],
    ],
    [
      "a private cgroup namespace",
      { namespaces: { cgroup: "private" } },
      "linux.namespaces",
      expect.arrayContaining([{ type: "cgroup" }]),
    ],
    [
      "huge pages",
      { resources: { hugePages: [{ pageSize: "2MB", limit: 4_194_304 }] } },
      "linux.resources.hugepageLimits",
      [{ pageSize: "2MB", limit: 4_194_304 }],
    ],
    [
      "raw control group files",
      { resources: { unified: { "memory.high": "1" } } },
      "linux.resources.unified",
      { "memory.high": "1" },
    ],
    [
      "no limit of open files",
      { ulimits: [{ name: "nproc", soft: 5, hard: -1 }] },
      "process.rlimits",
      [{ type: "RLIMIT_NPROC", hard: 2 ** 64, soft: 5 }],
    ],
    ["a score that is not asked for", {}, "process.oomScoreAdj", 0],
    ["a score that is", { oomScoreAdj: 7 }, "process.oomScoreAdj", 7],
    [
      "kernel settings with slashes",
      { sysctls: { "net/core/somaxconn": "9" } },
      "linux.sysctl",
      expect.objectContaining({ "net.core.somaxconn": "9" }),
    ],
    [
      "real time",
      { resources: { cpuRealtimePeriod: 10, cpuRealtimeRuntime: 5 } },
      "linux.resources.cpu",
      { realtimePeriod: 10, realtimeRuntime: 5 },
    ],
    ["a cgroup parent", { cgroupParent: "/a//b/" }, "linux.cgroupsPath", `/a/b/${ID}`],
    ["ambient capabilities", { capabilities: { ambient: ["CHOWN"] } }, "process.capabilities.ambient", ["CAP_CHOWN"]],
    ["hardened: fewer processes", { hardened: true }, "linux.resources.pids", { limit: 512 }],
    [
      "hardened: what is asked for counts more",
      { hardened: true, resources: { pids: 9 } },
      "linux.resources.pids",
      { limit: 9 },
    ],
    ["hardened: a writable root if asked for", { hardened: true, readOnlyRootfs: false }, "root.readonly", false],
    ["hardened: a read-only root", { hardened: true }, "root.readonly", true],
    [
      "hardened: dropping takes from the nine",
      { hardened: true, capabilities: { drop: ["chown", "CAP_KILL"] } },
      "process.capabilities.bounding",
      [
        "CAP_DAC_OVERRIDE",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_SETGID",
        "CAP_SETUID",
        "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE",
      ],
    ],
    [
      "hardened: dropping all leaves what is added",
      { hardened: true, capabilities: { drop: ["ALL"], add: ["CHOWN"] } },
      "process.capabilities.bounding",
      ["CAP_CHOWN"],
    ],
  ];

describe("an option in the specification", () => {
  test.each(RESULTS)("%s", (_name, config, path, expected) => {
    expect(part(build(config), path)).toEqual(expected);
  });

  test("no limit is written as the number that it is, to the last digit", () => {
    expect(encodeSpec(build({ ulimits: [{ name: "memlock", soft: -1, hard: -1 }] }))).toContain(
      '"hard":18446744073709551615,"soft":18446744073709551615',
    );
  });

  test("a user that is not root holds no capability but the ambient ones from the start", () => {
    const { capabilities } = build(
      { capabilities: { ambient: ["KILL"] } },
      {},
      { user: { uid: 7, gid: 7, additionalGids: [7] } },
    ).process;
    expect(capabilities).toMatchObject({
      effective: ["CAP_KILL"],
      permitted: ["CAP_KILL"],
      inheritable: ["CAP_KILL"],
      ambient: ["CAP_KILL"],
    });
    expect(capabilities.bounding).toHaveLength(14);
  });

  test("devices come with their rule and their node, and nodes of a privileged container with none twice", () => {
    const node = { path: "/dev/a", type: "c" as const, major: 9, minor: 8, fileMode: 0o600, uid: 0, gid: 0 };
    const spec = build({ deviceCgroupRules: ["b 1:* m"] }, { devices: [{ node, access: "rw" }] });
    expect(spec.linux.devices).toEqual([node]);
    expect(spec.linux.resources.devices.slice(-2)).toEqual([
      { allow: true, type: "c", major: 9, minor: 8, access: "rw" },
      { allow: true, type: "b", major: 1, access: "m" },
    ]);
    const privileged = build(
      { privileged: true },
      { devices: [{ node, access: "rw" }] },
      { devices: [{ ...node, fileMode: 0o666 }] },
    );
    expect(privileged.linux.devices).toEqual([node]);
    expect(privileged.linux.resources.devices).toEqual([{ allow: true, access: "rwm" }]);
  });

  test("a CDI device's edits reach every part", () => {
    const spec = build(
      {},
      {
        cdi: [
          {
            env: ["GPU=all", "PATH=/gpu"],
            devices: [{ node: { path: "/dev/gpu", type: "c", major: 195, minor: 0 }, access: "rw" }],
            mounts: [{ destination: "/lib/gpu", type: "bind", source: "/usr/lib/gpu", options: ["ro", "bind"] }],
            hooks: [{ name: "createContainer", hook: { path: "/usr/bin/hook", args: ["hook", "x"], env: [] } }],
            additionalGids: [0, 44],
          },
        ],
      },
    );
    expect(spec.process.env).toEqual(["PATH=/gpu", "HOSTNAME=web", "GPU=all"]);
    expect(spec.process.user.additionalGids).toEqual([0, 44]);
    expect(spec.hooks).toEqual({ createContainer: [{ path: "/usr/bin/hook", args: ["hook", "x"], env: [] }] });
    expect(spec.mounts.at(-1)?.destination).toBe("/lib/gpu");
    expect(spec.linux.devices).toEqual([{ path: "/dev/gpu", type: "c", major: 195, minor: 0 }]);
    expect(spec.linux.resources.devices.at(-1)).toEqual({ allow: true, type: "c", major: 195, minor: 0, access: "rw" });
  });

  test("mounts below a read-only mount are read-only where the host can make them so", () => {
    const mounts = [{ type: "bind" as const, source: "/a", destination: "/a", readOnly: true }];
    expect(build({ mounts }).mounts.at(-1)?.options).toEqual(["rbind", "ro", "rprivate"]);
    expect(build({ mounts }, { recursiveReadOnly: true }).mounts.at(-1)?.options).toEqual([
      "rbind",
      "ro",
      "rro",
      "rprivate",
    ]);
    const top = mounts.map((mount) => ({ ...mount, readOnlyDepth: "top" as const }));
    expect(build({ mounts: top }, { recursiveReadOnly: true }).mounts.at(-1)?.options).not.toContain("rro");
  });

  test("a mount of the user's takes the place of the runtime's own", () => {
    const spec = build({ mounts: [{ type: "tmpfs", destination: "/dev/shm", size: 4096 }] });
    expect(spec.mounts.filter(({ destination }) => destination === "/dev/shm")).toHaveLength(1);
  });

  test("the shared memory of another container, none at all, or one of a given size", () => {
    const shm = (config: Partial<ContainerConfig>, found?: RequestFacts): unknown =>
      build(config, found).mounts.find(({ destination }) => destination === "/dev/shm");
    expect(
      shm({ namespaces: { ipc: "container:a" } }, { shm: "/state/shm", joined: { ipc: "/proc/1/ns/ipc" } }),
    ).toMatchObject({ type: "bind", source: "/state/shm" });
    expect(shm({ namespaces: { ipc: "none" } })).toBeUndefined();
    expect(shm({ shmSize: 4096 })).toMatchObject({ options: expect.arrayContaining(["size=4096"]) });
  });

  test("an init process comes before the command, and is mounted read-only", () => {
    const spec = build({}, { init: "/usr/bin/tini-static" });
    expect(spec.process.args).toEqual(["/sbin/voiyd-init", "--", "serve"]);
    expect(spec.mounts.at(-1)).toMatchObject({
      source: "/usr/bin/tini-static",
      options: expect.arrayContaining(["ro"]),
    });
  });

  test("a user namespace has its tables, and no setting that it has no number for", () => {
    const mapping = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    const { linux } = build({ namespaces: { user: { uids: mapping, gids: mapping } } });
    expect(linux.namespaces).toContainEqual({ type: "user" });
    expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: 100_000, size: 65_536 }]);
    expect(linux.gidMappings).toEqual(linux.uidMappings);
    expect(linux.sysctl).not.toHaveProperty(["net.ipv4.ping_group_range"]);
  });

  test("a user namespace cannot have a /sys and settings of its own, where the network is of another one", () => {
    const mapping = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
    const user = { uids: mapping, gids: mapping };
    const network = { kind: "joined", path: "/run/netns/x" } as const;
    const sysOf = (spec: Spec): unknown => spec.mounts.find(({ destination }) => destination === "/sys");
    expect(sysOf(build({ namespaces: { user } }, {}, { network }))).toEqual({
      destination: "/sys",
      type: "bind",
      source: "/sys",
      options: ["rbind", "nosuid", "noexec", "nodev", "ro", "rprivate"],
    });
    expect(sysOf(build({ namespaces: { user } }, {}, { network: { kind: "none" } }))).toMatchObject({ type: "sysfs" });
    expect(sysOf(build({}, {}, { network }))).toMatchObject({ type: "sysfs" });
    expect(build({ namespaces: { user } }, {}, { network }).linux.sysctl ?? {}).toEqual({});
    expect(build({}, {}, { network }).linux.sysctl).toHaveProperty(["net.ipv4.ip_unprivileged_port_start"]);
  });

  test("SELinux labels: what is not asked for follows from the id, so that no two containers share it", () => {
    const host = { ...HOST, selinux: true };
    const { process, linux } = build({ selinux: { type: "my_t" } }, {}, { host });
    expect(process.selinuxLabel).toMatch(/^system_u:system_r:my_t:s0:c\d+,c\d+$/);
    expect(linux.mountLabel).toBe(
      `system_u:object_r:container_file_t:${process.selinuxLabel?.split(":").slice(3).join(":") ?? ""}`,
    );
    expect(build({ selinux: {} }, {}, { host, id: generateId() }).process.selinuxLabel).not.toBe(
      build({ selinux: {} }, {}, { host }).process.selinuxLabel,
    );
  });

  test("with control groups v2 the container has a cgroup namespace, a privileged one the host's", () => {
    const host = { ...HOST, cgroupVersion: 2 as const };
    expect(build({}, {}, { host }).linux.namespaces).toContainEqual({ type: "cgroup" });
    expect(build({ privileged: true }, {}, { host }).linux.namespaces).not.toContainEqual({ type: "cgroup" });
  });

  test("a host that does not count swap is not asked to limit it", () => {
    const host = { ...HOST, cgroupFeatures: new Set(["memory"] as const) };
    expect(build({ resources: { memory: 2 ** 26 } }, {}, { host }).linux.resources.memory).toEqual({ limit: 2 ** 26 });
  });
});

describe("where a control group is", () => {
  const place = { namespace: "voiyd", id: "abc" };
  test.each([
    [{ driver: "cgroupfs" as const, ...place }, "voiyd/abc"],
    [{ driver: "cgroupfs" as const, ...place, parent: "/a/b/" }, "a/b/abc"],
    [{ driver: "systemd" as const, ...place }, "system.slice/voiyd-voiyd-abc.scope"],
    [{ driver: "systemd" as const, ...place, parent: "a-b.slice" }, "a.slice/a-b.slice/voiyd-voiyd-abc.scope"],
  ])("%j", (asked, folder) => {
    expect(cgroupFolder(asked)).toBe(folder);
  });

  test("for systemd, the specification has three parts", () => {
    expect(build({ cgroupParent: "a-b.slice" }, { cgroupDriver: "systemd" }).linux.cgroupsPath).toBe(
      `a-b.slice:voiyd:voiyd-${ID}`,
    );
  });
});

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

describe("control groups that a container may write to", () => {
  const access = (config: Partial<ContainerConfig>): string | undefined =>
    build(config)
      .mounts.find(({ destination }) => destination === "/sys/fs/cgroup")
      ?.options.at(-1);

  test("are mounted so, and are not by default", () => {
    expect([access({}), access({ writableCgroups: false }), access({ writableCgroups: true })]).toEqual([
      "ro",
      "ro",
      "rw",
    ]);
  });

  test("are refused where the container could lift its own limits", () => {
    const config = { writableCgroups: true };
    expect(check(config, { cgroupVersion: 1 })).toBe("writableCgroups");
    expect(check({ ...config, namespaces: { cgroup: "host" } }, { cgroupVersion: 2 })).toBe("writableCgroups");
    expect(check(config, { cgroupVersion: 2 })).toBe("accepted");
  });
});

describe("what is mounted in other containers", () => {
  const shared = [
    { destination: "/data/deep", type: "bind", source: "/a", options: ["rbind", "rw", "rshared"] },
    { destination: "/etc/hosts", type: "bind", source: "/b", options: ["rbind", "ro", "rprivate"] },
    { destination: "/mine", type: "bind", source: "/c", options: ["rbind", "rw", "rprivate"] },
  ];

  test("is mounted here too, parents first, where the request has nothing else", () => {
    const mounts = [
      { type: "tmpfs", destination: "/mine" },
      { type: "tmpfs", destination: "/data" },
    ] as const;
    const spec = build({ mounts }, { shared });
    const order = spec.mounts.map(({ destination, source }) => `${destination} ${source}`);
    expect(order.filter((line) => /^\/(?:data|mine|etc)/.test(line))).toEqual([
      "/mine tmpfs",
      "/data tmpfs",
      "/data/deep /a",
      "/etc/hosts /b",
    ]);
    expect(spec.linux.rootfsPropagation).toBe("shared");
  });
});
