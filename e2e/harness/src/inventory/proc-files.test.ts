import { describe, expect, test } from "@jest/globals";
import { cgroupRoots } from "../cgroups/cgroup-roots.js";
import { containersInLog } from "../host/containers-in-log.js";
import { parseLinks } from "../links/list-links.js";
import { parseMountInfo } from "../mounts/mount-info.js";
import { descendantsOf, parseStat } from "../process/process-table.js";
import { processesOf } from "../teardown/remove-processes.js";
import { sortLinks } from "./collect-links.js";
import { mountsOf } from "./collect-mounts.js";
import { shimSocketName } from "./collect-runtime-state.js";
import { findShims } from "./shims.js";

const MOUNTS = parseMountInfo(`27 1 254:0 / / rw - ext4 /dev/vda rw
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct
40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
50 27 0:50 / /tmp/h/root rw - tmpfs voiyd-harness rw,size=1m
51 27 0:51 / /tmp/h/state/t/rootfs rw shared:5 - overlay overlay rw,lowerdir=/tmp/h/root/1,upperdir=/tmp/h/root/2
52 27 0:4 net:[4026532] /tmp/h/netns/a\\040b rw - nsfs nsfs rw
53 27 0:53 / /mnt/elsewhere rw - overlay overlay rw,lowerdir=/tmp/h/root/1
54 27 0:54 / /tmp/h2/x rw - tmpfs t rw
`);
const host = { directory: "/tmp/h", root: "/tmp/h/root", netnsDir: "/tmp/h/netns" };

describe("mounts", () => {
  test("a path is read back from its octal escapes", () => {
    expect(MOUNTS.find((mount) => mount.type === "nsfs")?.mountPoint).toBe("/tmp/h/netns/a b");
  });

  test("a host's mounts are those in its folder and those made of it; not its own tmpfs, not a neighbour's", () => {
    expect(mountsOf(host, MOUNTS, "host")).toEqual(["overlay /tmp/h/state/t/rootfs", "overlay /mnt/elsewhere"]);
  });

  test("cgroup hierarchies carry the names that /proc gives them", () => {
    expect(cgroupRoots(MOUNTS).map(({ controllers, version }) => [controllers, version])).toEqual([
      ["cpu,cpuacct", 1],
      ["name=systemd", 1],
      ["", 2],
    ]);
  });
});

describe("processes", () => {
  const entry = (pid: number, parent: number, ...commandLine: string[]) => ({
    pid,
    parent,
    startTime: "1",
    state: "S",
    commandLine,
  });
  const shim = (address: string): string[] => [
    "/usr/bin/containerd-shim-runc-v2",
    "-namespace",
    "n",
    "-id",
    "i",
    "-address",
    address,
  ];
  const table = [
    entry(4, 3, "sleep"),
    entry(3, 2, "sh"),
    entry(2, 1, ...shim("/tmp/h/containerd.sock")),
    entry(5, 1, ...shim("/tmp/h2/containerd.sock")),
    entry(6, 1, "vi", "/tmp/h/x"),
  ];

  test("a command with spaces and parentheses does not shift the fields of stat", () => {
    const rest = ["7", ...Array.from({ length: 17 }, () => "0"), "4242"].join(" ");
    expect(parseStat(`12 (a) b (c) S ${rest} 0`)).toEqual({ state: "S", parent: 7, startTime: "4242" });
  });

  test("descendants are found however the table is ordered", () => {
    expect(descendantsOf([2], table).map(({ pid }) => pid)).toEqual([3, 4]);
  });

  test("shims are told by their arguments", () => {
    expect(findShims(table).map(({ pid, address }) => [pid, address])).toEqual([
      [2, "/tmp/h/containerd.sock"],
      [5, "/tmp/h2/containerd.sock"],
    ]);
  });

  test("a zombie is no shim any more", () => {
    expect(findShims(table.map((process) => ({ ...process, state: "Z" })))).toEqual([]);
  });

  test("only containerd's and the registry's programs of that very folder are ours to end", () => {
    expect(processesOf("/tmp/h", table).map(({ pid }) => pid)).toEqual([2]);
  });
});

describe("traces", () => {
  test("a shim's socket is found from its daemon's address and its container", () => {
    expect(shimSocketName("/run/containerd/containerd.sock", "default/x")).toMatch(/^[0-9a-f]{64}$/u);
    expect(shimSocketName("/a", "n/x")).not.toBe(shimSocketName("/b", "n/x"));
  });

  test("the containers that a log speaks of are found once each", () => {
    const line = 'msg="starting signal loop" path=/tmp/h/state/io.containerd.runtime.v2.task/default/t.1 pid=7';
    expect(containersInLog(`${line}\n${line}\nmsg=other\n`)).toEqual(["default/t.1"]);
  });

  test("links are read with their kind and master, and a neighbour's ports are left out", () => {
    const links = parseLinks(
      JSON.stringify([
        { ifname: "eth0" },
        { ifname: "vh1", linkinfo: { info_kind: "bridge" } },
        { ifname: "veth1", master: "vh1", linkinfo: { info_kind: "veth" } },
        { ifname: "veth2", master: "vh2", linkinfo: { info_kind: "veth" } },
        { ifname: "veth3", linkinfo: { info_kind: "veth" } },
        { ifname: "bwp123", linkinfo: { info_kind: "ifb" } },
        { ifname: "ifb0", linkinfo: { info_kind: "ifb" } },
      ]),
    );
    expect(sortLinks(links, ["vh2"])).toEqual({
      veths: ["veth1", "veth3"],
      bridgePorts: ["vh1: veth1"],
      ifbs: ["bwp123"],
    });
  });
});
