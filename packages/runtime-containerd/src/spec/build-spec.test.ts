import { describe, expect, test } from "@jest/globals";
import { CAPABILITY_NAMES, type ContainerConfig, generateId } from "@voiyd/runtime-api";
import type { HostFacts } from "../host/facts.js";
import type { SpecInput } from "./build-spec.js";
import { buildSpec } from "../testing/checked-spec.js";
import type { Spec } from "./oci.js";

const HOST: HostFacts = {
  architecture: "x64",
  cgroupVersion: 1,
  kernel: { major: 6, minor: 1 },
  memory: 2 ** 30,
  bootId: "b",
  boundingCapabilities: (1n << BigInt(CAPABILITY_NAMES.length)) - 1n,
  cgroupRoots: ["/sys/fs/cgroup"],
};
const ID = generateId();

function build(config: Partial<ContainerConfig> = {}, more: Partial<SpecInput> = {}): Spec {
  const spec = buildSpec({
    id: ID,
    namespace: "voiyd",
    config: { image: "app", ...config },
    image: { env: ["LANG=C"], entrypoint: ["/entry"], cmd: ["serve"] },
    host: HOST,
    user: { uid: 0, gid: 0, additionalGids: [0] },
    hostname: "web",
    network: { kind: "joined", path: "/run/voiyd/netns/x" },
    ownMounts: [
      { destination: "/etc/hosts", type: "bind", source: "/state/hosts", options: ["rbind", "rw", "rprivate"] },
    ],
    devices: [{ path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 }],
    ...more,
  });
  return spec;
}

/** A namespace is the container's own, another's by its path, or, where it is not named, the host's. */
const namespaces = (spec: Spec): unknown =>
  Object.fromEntries(spec.linux.namespaces.map(({ type, path }) => [type, path ?? "own"]));

const CAPABILITIES = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SYS_CHROOT",
  "CAP_MKNOD",
  "CAP_AUDIT_WRITE",
  "CAP_SETFCAP",
];

test("the specification of an ordinary container", () => {
  const spec = build();
  expect(spec).toEqual({
    ociVersion: "1.0.2",
    process: {
      user: { uid: 0, gid: 0, additionalGids: [0] },
      args: ["/entry", "serve"],
      env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME=web", "LANG=C"],
      cwd: "/",
      capabilities: {
        bounding: CAPABILITIES,
        effective: CAPABILITIES,
        permitted: CAPABILITIES,
        inheritable: [],
        ambient: [],
      },
      noNewPrivileges: true,
      oomScoreAdj: 0,
    },
    root: { path: "rootfs", readonly: false },
    hostname: "web",
    mounts: [
      { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
      {
        destination: "/dev",
        type: "tmpfs",
        source: "tmpfs",
        options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
      },
      {
        destination: "/dev/pts",
        type: "devpts",
        source: "devpts",
        options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
      },
      {
        destination: "/dev/shm",
        type: "tmpfs",
        source: "shm",
        options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
      },
      { destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] },
      { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
      {
        destination: "/sys/fs/cgroup",
        type: "cgroup",
        source: "cgroup",
        options: ["nosuid", "noexec", "nodev", "relatime", "ro"],
      },
      { destination: "/etc/hosts", type: "bind", source: "/state/hosts", options: ["rbind", "rw", "rprivate"] },
    ],
    linux: {
      namespaces: [
        { type: "pid" },
        { type: "ipc" },
        { type: "uts" },
        { type: "mount" },
        { type: "network", path: "/run/voiyd/netns/x" },
      ],
      cgroupsPath: `/voiyd/${ID}`,
      resources: { devices: spec.linux.resources.devices, pids: { limit: 2048 } },
      sysctl: { "net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647" },
      maskedPaths: [
        "/proc/acpi",
        "/proc/asound",
        "/proc/interrupts",
        "/proc/kcore",
        "/proc/keys",
        "/proc/latency_stats",
        "/proc/sched_debug",
        "/proc/scsi",
        "/proc/timer_list",
        "/proc/timer_stats",
        "/sys/devices/virtual/powercap",
        "/sys/firmware",
      ],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
      seccomp: expect.objectContaining({ defaultAction: "SCMP_ACT_ERRNO" }),
    },
  });
});

describe("a privileged container", () => {
  const spec = build({ privileged: true });

  test("has all capabilities and all devices, and nothing is hidden from it", () => {
    expect(spec.process.capabilities.effective).toEqual(CAPABILITY_NAMES);
    expect(spec.process.noNewPrivileges).toBe(false);
    expect(spec.linux.devices).toHaveLength(1);
    expect(spec.linux.resources.devices).toEqual([{ allow: true, access: "rwm" }]);
    for (const key of ["maskedPaths", "readonlyPaths", "seccomp"]) expect(spec.linux).not.toHaveProperty(key);
    expect(spec.mounts.find(({ destination }) => destination === "/sys")?.options).toContain("rw");
  });

  test("inherits nothing all the same", () => {
    expect(spec.process.capabilities).toMatchObject({ inheritable: [], ambient: [] });
  });

  test("may give up new privileges", () => {
    expect(build({ privileged: true, noNewPrivileges: true }).process.noNewPrivileges).toBe(true);
  });
});

test("a container that is not privileged is not shown the host's devices", () => {
  expect(build().linux).not.toHaveProperty("devices");
});

describe("the network", () => {
  const own = { pid: "own", ipc: "own", uts: "own", mount: "own" };

  test("of the host is shared, and its settings are left alone", () => {
    const spec = build({}, { network: { kind: "host" } });
    expect(namespaces(spec)).toEqual(own);
    expect(spec.linux).not.toHaveProperty("sysctl");
  });

  test("of a container without one is its own", () => {
    const spec = build({}, { network: { kind: "none" } });
    expect(namespaces(spec)).toEqual({ ...own, network: "own" });
    expect(spec.linux.sysctl).toBeDefined();
  });

  test("that was prepared is joined", () => {
    expect(namespaces(build())).toEqual({ ...own, network: "/run/voiyd/netns/x" });
  });
});

test("with cgroup v2 a container has a view of its own", () => {
  expect(namespaces(build({}, { host: { ...HOST, cgroupVersion: 2 } }))).toHaveProperty("cgroup", "own");
});

test("the configuration is followed", () => {
  const spec = build({
    readOnlyRootfs: true,
    noNewPrivileges: false,
    workingDir: "/srv/app",
    resources: { memory: 2 ** 24 },
    mounts: [{ type: "bind", source: "/s", destination: "/d", propagation: "rshared" }],
  });
  expect(spec.root.readonly).toBe(true);
  expect(spec.process).toMatchObject({ noNewPrivileges: false, cwd: "/srv/app" });
  expect(spec.linux.resources.memory).toEqual({ limit: 2 ** 24, swap: 2 ** 25 });
  expect(spec.linux.rootfsPropagation).toBe("shared");
  // Over what the runtime mounts itself, not under it.
  expect(spec.mounts.at(-1)).toMatchObject({ destination: "/d" });
});

test.each([
  [undefined, "/"],
  ["", "/"],
  ["/srv", "/srv"],
  ["srv", "/srv"],
  ["/a\0b", "/"],
])("the image's working directory %j is %j", (workingDir, cwd) => {
  expect(build({}, { image: { env: [], cmd: ["sh"], workingDir } }).process.cwd).toBe(cwd);
});

test("a specification survives being sent as JSON", () => {
  const spec = build({ privileged: true });
  expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
});
