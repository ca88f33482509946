import { createHash } from "node:crypto";
import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listCgroupRoots } from "../cgroups/cgroup-roots.js";
import type { PrivateHost } from "../host/private-host.js";
import type { LeakKind } from "../inventory/leak-inventory.js";
import { execute } from "../process/execute.js";
import { collectGarbage } from "./host-fixtures.js";

/** One thing left behind on purpose, and how it is taken away again. */
export interface Plant {
  /** The kinds in which it has to be seen, and no others. */
  readonly kinds: readonly LeakKind[];
  readonly entry: (host: PrivateHost) => string;
  readonly plant: (host: PrivateHost) => Promise<unknown>;
  readonly remove: (host: PrivateHost) => Promise<unknown>;
}

const ip = (...args: readonly string[]) => execute("ip", args);
const iptables = (...args: readonly string[]) => execute("iptables", ["--wait", ...args]);
const nft = (script: string) => execute("nft", ["-f", "-"], { input: script });
const addressIn = (host: PrivateHost): string => host.subnet.replace(/\.0\/20$/u, ".2");
const dnatChain = (host: PrivateHost): string =>
  `CNI-DN-${createHash("sha256").update(host.directory).digest("hex").slice(0, 21)}`;
const nftTable = (host: PrivateHost): string => `voiyd_${host.bridge}`;
const put = (path: string, content: string) =>
  mkdir(join(path, ".."), { recursive: true }).then(() => writeFile(path, content));
const ns = ["--namespace", "planted"] as const;

/** Something left behind of every kind, in the namespace `planted`, which holds the busybox image. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  "a container record without a task": {
    kinds: ["containers", "snapshots"],
    entry: () => "planted/record",
    plant: async (host) => host.ctr(...ns, "containers", "create", "example.org/busybox:1", "record"),
    remove: (host) => host.ctr(...ns, "containers", "delete", "record"),
  },
  "an active snapshot": {
    kinds: ["snapshots"],
    entry: () => "overlayfs/planted/scratch",
    plant: async (host) => {
      await collectGarbage(host); // a collection that is still due would take it away
      await host.ctr(...ns, "snapshots", "prepare", "scratch");
    },
    remove: (host) => host.ctr(...ns, "snapshots", "remove", "scratch"),
  },
  "a view in the other snapshotter": {
    kinds: ["snapshots"],
    entry: () => "native/planted/look",
    plant: async (host) => {
      await collectGarbage(host);
      await host.ctr(...ns, "snapshots", "--snapshotter", "native", "view", "look");
    },
    remove: (host) => host.ctr(...ns, "snapshots", "--snapshotter", "native", "remove", "look"),
  },
  "a lease": {
    kinds: ["leases"],
    entry: () => "planted/name:web",
    plant: (host) => host.ctr(...ns, "leases", "create", "--id", "name:web"),
    remove: (host) => host.ctr(...ns, "leases", "delete", "name:web"),
  },
  "an image": {
    kinds: ["images"],
    entry: () => "planted/example.org/other:1",
    plant: (host) => host.ctr(...ns, "images", "tag", "example.org/busybox:1", "example.org/other:1"),
    remove: (host) => host.ctr(...ns, "images", "remove", "example.org/other:1"),
  },
  "a mount in the host's folder": {
    kinds: ["mounts"],
    entry: (host) => `tmpfs ${host.stateDir}-mnt`,
    plant: async (host) => {
      await mkdir(`${host.stateDir}-mnt`);
      await execute("mount", ["-t", "tmpfs", "planted", `${host.stateDir}-mnt`]);
    },
    remove: async (host) => {
      await execute("umount", [`${host.stateDir}-mnt`]);
      await rmdir(`${host.stateDir}-mnt`);
    },
  },
  "a pinned network namespace": {
    kinds: ["networkNamespaces"],
    entry: (host) => join(host.netnsDir, "pinned"),
    plant: async (host) => {
      await writeFile(join(host.netnsDir, "pinned"), "");
      await execute("unshare", [`--net=${join(host.netnsDir, "pinned")}`, "--", "true"]);
    },
    remove: async (host) => {
      await execute("umount", [join(host.netnsDir, "pinned")]);
      await rm(join(host.netnsDir, "pinned"));
    },
  },
  "the file of a namespace that is gone": {
    kinds: ["networkNamespaces"],
    entry: (host) => `${join(host.netnsDir, "stale")} (a file without a namespace)`,
    plant: (host) => writeFile(join(host.netnsDir, "stale"), ""),
    remove: (host) => rm(join(host.netnsDir, "stale")),
  },
  "a veth on the bridge": {
    kinds: ["veths", "bridgePorts"],
    entry: (host) => `${host.bridge}: p${host.bridge.slice(0, 10)}`,
    plant: async ({ bridge }) => {
      await ip("link", "add", bridge, "type", "bridge");
      await ip("link", "add", `p${bridge.slice(0, 10)}`, "type", "veth", "peer", "name", `q${bridge.slice(0, 10)}`);
      await ip("link", "set", `p${bridge.slice(0, 10)}`, "master", bridge);
    },
    remove: async ({ bridge }) => {
      await ip("link", "delete", `p${bridge.slice(0, 10)}`);
      await ip("link", "delete", bridge);
    },
  },
  "the ifb of a bandwidth limit": {
    kinds: ["ifbs"],
    entry: (host) => `bwp${host.bridge.slice(0, 10)}`,
    plant: ({ bridge }) => ip("link", "add", `bwp${bridge.slice(0, 10)}`, "type", "ifb"),
    remove: ({ bridge }) => ip("link", "delete", `bwp${bridge.slice(0, 10)}`),
  },
  "a published port's chain": {
    kinds: ["cniChains", "cniRules"],
    entry: (host) => `v4 nat ${dnatChain(host)}`,
    plant: async (host) => {
      await iptables("-t", "nat", "-N", dnatChain(host));
      await iptables(
        "-t",
        "nat",
        "-A",
        dnatChain(host),
        "-p",
        "tcp",
        "--dport",
        "18080",
        "-j",
        "DNAT",
        "--to-destination",
        `${addressIn(host)}:80`,
      );
    },
    remove: async (host) => {
      await iptables("-t", "nat", "-F", dnatChain(host));
      await iptables("-t", "nat", "-X", dnatChain(host));
    },
  },
  "a chain that was emptied and not deleted, of IPv6": {
    kinds: ["cniChains"],
    entry: (host) => `v6 nat ${dnatChain(host)}`,
    plant: (host) => execute("ip6tables", ["--wait", "-t", "nat", "-N", dnatChain(host)]),
    remove: (host) => execute("ip6tables", ["--wait", "-t", "nat", "-X", dnatChain(host)]),
  },
  "a rule for a container's address": {
    kinds: ["cniRules"],
    entry: (host) => `v4 filter -A CNI-PLANTED -s ${addressIn(host)}/32 -j ACCEPT`,
    plant: async (host) => {
      await iptables("-N", "CNI-PLANTED"); // as CNI-FORWARD, which may be in use
      await iptables("-A", "CNI-PLANTED", "-s", `${addressIn(host)}/32`, "-j", "ACCEPT");
    },
    remove: async () => {
      await iptables("-F", "CNI-PLANTED");
      await iptables("-X", "CNI-PLANTED");
    },
  },
  "an element of an nft map of ours": {
    kinds: ["cniRules"],
    entry: (host) => `nft ip ${nftTable(host)} ports: [8080,"${addressIn(host)}"]`,
    plant: (host) =>
      nft(
        `table ip ${nftTable(host)} {\n map ports { type inet_service : ipv4_addr; elements = { 8080 : ${addressIn(host)} } }\n chain post {\n ip saddr ${host.subnet} counter\n }\n}\n`,
      ),
    remove: (host) => nft(`delete table ip ${nftTable(host)}\n`),
  },
  "an address that was not given back": {
    kinds: ["ipamLeases"],
    entry: (host) => `bridge/${addressIn(host)} of voiyd-abc eth0`,
    plant: (host) => put(join(host.ipamDir, "bridge", addressIn(host)), "voiyd-abc\r\neth0"),
    remove: (host) => rm(join(host.ipamDir, "bridge"), { recursive: true }),
  },
  "an attachment record": {
    kinds: ["cniRecords"],
    entry: () => "results/bridge-voiyd-abc-eth0",
    plant: (host) => put(join(host.cacheDir, "results", "bridge-voiyd-abc-eth0"), "{}"),
    remove: (host) => rm(join(host.cacheDir, "results"), { recursive: true }),
  },
  "a FIFO of ours": {
    kinds: ["fifos"],
    entry: (host) => join(host.fifoDir, "stdin"),
    plant: (host) => execute("mkfifo", [join(host.fifoDir, "stdin")]),
    remove: (host) => rm(join(host.fifoDir, "stdin")),
  },
  "a FIFO where containerd's clients put theirs": {
    kinds: ["fifos"],
    entry: (host) => `/run/containerd/fifo/${host.bridge}/stdin`,
    plant: async ({ bridge }) => {
      await mkdir(`/run/containerd/fifo/${bridge}`, { recursive: true });
      await execute("mkfifo", [`/run/containerd/fifo/${bridge}/stdin`]);
    },
    remove: ({ bridge }) => rm(`/run/containerd/fifo/${bridge}`, { recursive: true }),
  },
  "a log folder": {
    kinds: ["logFolders"],
    entry: () => "web/log/stdout.log",
    plant: (host) => put(join(host.logDirFmt.replace("%s", "web"), "stdout.log"), "text"),
    remove: (host) => rm(join(host.containersDir, "web"), { recursive: true }),
  },
  "an empty log folder": {
    kinds: ["logFolders"],
    entry: () => "web/ (empty)",
    plant: (host) => mkdir(join(host.containersDir, "web")),
    remove: (host) => rmdir(join(host.containersDir, "web")),
  },
  "a file in the state folder": {
    kinds: ["stateFiles"],
    entry: () => "lock",
    plant: (host) => writeFile(join(host.stateDir, "lock"), ""),
    remove: (host) => rm(join(host.stateDir, "lock")),
  },
  "a cgroup": {
    kinds: ["cgroups"],
    entry: () => "planted/left",
    plant: async () =>
      Promise.all(
        (await listCgroupRoots()).map((root) => mkdir(join(root.path, "planted", "left"), { recursive: true })),
      ),
    remove: async () =>
      Promise.all(
        (await listCgroupRoots()).map((root) =>
          rmdir(join(root.path, "planted", "left")).then(() => rmdir(join(root.path, "planted"))),
        ),
      ),
  },
  "the bundle of a task": {
    kinds: ["bundles"],
    entry: () => "planted/poisoned",
    plant: (host) =>
      mkdir(join(host.state, "io.containerd.runtime.v2.task", "planted", "poisoned"), { recursive: true }),
    remove: (host) => rm(join(host.state, "io.containerd.runtime.v2.task", "planted"), { recursive: true }),
  },
  "the work folder of a task": {
    kinds: ["workDirs"],
    entry: () => "planted/rebooted",
    plant: (host) =>
      mkdir(join(host.root, "io.containerd.runtime.v2.task", "planted", "rebooted"), { recursive: true }),
    remove: (host) => rm(join(host.root, "io.containerd.runtime.v2.task", "planted"), { recursive: true }),
  },
  "runc's record of a container": {
    kinds: ["runcStates"],
    entry: (host) => `/run/containerd/runc/${host.bridge}/left`,
    plant: (host) =>
      put(
        `/run/containerd/runc/${host.bridge}/left/state.json`,
        JSON.stringify({ config: { rootfs: `${host.state}/x/rootfs` } }),
      ),
    remove: ({ bridge }) => rm(`/run/containerd/runc/${bridge}`, { recursive: true }),
  },
};
