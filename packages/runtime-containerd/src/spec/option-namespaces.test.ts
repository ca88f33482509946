import { describe, expect, test } from "@jest/globals";
import { generateId } from "@voiyd/runtime-api";
import { build, HOST, ID } from "../testing/build-options.js";
import { cgroupFolder } from "./cgroup-path.js";
import type { Spec } from "./oci.js";

describe("namespaces and labels in the specification", () => {
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
