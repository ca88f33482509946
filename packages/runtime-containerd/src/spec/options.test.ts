import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { build, HOST, ID, part } from "../testing/build-options.js";
import { encodeSpec } from "./encode-spec.js";

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

  test("an init process comes before the command, and is mounted read-only", () => {
    const spec = build({}, { init: "/usr/bin/tini-static" });
    expect(spec.process.args).toEqual(["/sbin/voiyd-init", "--", "serve"]);
    expect(spec.mounts.at(-1)).toMatchObject({
      source: "/usr/bin/tini-static",
      options: expect.arrayContaining(["ro"]),
    });
  });

  test("a host that does not count swap is not asked to limit it", () => {
    const host = { ...HOST, cgroupFeatures: new Set(["memory"] as const) };
    expect(build({ resources: { memory: 2 ** 26 } }, {}, { host }).linux.resources.memory).toEqual({ limit: 2 ** 26 });
  });
});
