import { describe, expect, test } from "@jest/globals";
import type { BindMount, Mount } from "@voiyd/runtime-api";
import fc from "fast-check";
import { defaultMounts } from "./default-mounts.js";
import { rootPropagation, userMounts } from "./user-mounts.js";

const bind = (destination: string, more: Partial<BindMount> = {}): BindMount => ({
  type: "bind",
  source: "/src",
  destination,
  ...more,
});

describe("a mount of the user", () => {
  test.each<[string, Mount, readonly string[]]>([
    ["a folder of the host", bind("/d"), ["rbind", "rw", "rprivate"]],
    ["a folder of the host to read", bind("/d", { readOnly: true }), ["rbind", "ro", "rprivate"]],
    ["a shared folder", bind("/d", { propagation: "rshared" }), ["rbind", "rw", "rshared"]],
    ["a folder in memory", { type: "tmpfs", destination: "/d" }, ["nosuid", "nodev", "noexec", "rw", "mode=1777"]],
    [
      "a limited folder in memory",
      { type: "tmpfs", destination: "/d", size: 4096, mode: 0o750, readOnly: true },
      ["nosuid", "nodev", "noexec", "ro", "mode=750", "size=4096"],
    ],
  ])("is %s", (_what, mount, options) => {
    const source = mount.type === "bind" ? "/src" : "tmpfs";
    expect(userMounts([mount])).toEqual([{ destination: "/d", type: mount.type, source, options }]);
  });

  test("comes after those above it, whatever the order", () => {
    const mounts = [bind("/a/b/c"), bind("/z"), bind("/a/b"), bind("/a/"), bind("/a//b/d")];
    expect(userMounts(mounts).map(({ destination }) => destination)).toEqual([
      "/z",
      "/a/",
      "/a/b",
      "/a/b/c",
      "/a//b/d",
    ]);
  });

  test("is never hidden by one below which it lies", () => {
    const path = fc
      .array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(fc.uniqueArray(path), (paths) => {
        const order = userMounts(paths.map((item) => bind(item))).map(({ destination }) => destination);
        order.forEach((item, index) => {
          for (const later of order.slice(index + 1)) expect(item.startsWith(`${later}/`)).toBe(false);
        });
      }),
    );
  });
});

test.each<[readonly Mount[], string | undefined]>([
  [[], undefined],
  [[bind("/a")], undefined],
  [[bind("/a", { propagation: "private" })], undefined],
  [[{ type: "tmpfs", destination: "/a" }], undefined],
  [[bind("/a", { propagation: "slave" })], "rslave"],
  [[bind("/a", { propagation: "rslave" })], "rslave"],
  [[bind("/a", { propagation: "shared" })], "shared"],
  [[bind("/a", { propagation: "rslave" }), bind("/b", { propagation: "rshared" })], "shared"],
])("the root's propagation for case %#", (mounts, expected) => {
  expect(rootPropagation(mounts)).toBe(expected);
});

describe("what every container finds mounted", () => {
  const read = (privileged: boolean, path: string): readonly string[] | undefined =>
    defaultMounts({ privileged, cgroupVersion: 1 }).find(({ destination }) => destination === path)?.options;

  test("is what the runtime specification asks for, and a view of the control groups", () => {
    expect(defaultMounts({ privileged: false, cgroupVersion: 2 }).map(({ destination }) => destination)).toEqual([
      "/proc",
      "/dev",
      "/dev/pts",
      "/dev/shm",
      "/dev/mqueue",
      "/sys",
      "/sys/fs/cgroup",
    ]);
  });

  test.each([["/sys"], ["/sys/fs/cgroup"]])("%s can be written by a privileged one only", (path) => {
    expect(read(false, path)).toContain("ro");
    expect(read(true, path)).toContain("rw");
    expect(read(true, path)).not.toContain("ro");
  });

  test("has no set-user-id programs", () => {
    for (const { options } of defaultMounts({ privileged: true, cgroupVersion: 1 }))
      expect(options).toContain("nosuid");
  });
});
