import { describe, expect, test } from "@jest/globals";
import type { ContainerConfig } from "@voiyd/runtime-api";
import { build, check } from "../testing/build-options.js";
import type { RequestFacts } from "./build-spec.js";

describe("devices and mounts in the specification", () => {
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
