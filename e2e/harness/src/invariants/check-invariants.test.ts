import { describe, expect, test } from "@jest/globals";
import type { LeakInventory } from "../inventory/leak-inventory.js";
import { checkInvariants } from "./check-invariants.js";

const A = "a".repeat(64);
const B = "b".repeat(64);

/** A host with one running container. */
const sound: LeakInventory = {
  containers: [`voiyd/${A}`],
  tasks: [`voiyd/${A}`],
  snapshots: [`overlayfs/voiyd/${A}`],
  layers: [],
  leases: ["voiyd/voiyd/name/web"],
  ingests: [],
  images: [],
  blobs: [],
  shims: [`voiyd/${A}`],
  helpers: [],
  processes: [`sleep of voiyd/${A}`],
  bundles: [`voiyd/${A}`],
  workDirs: [`voiyd/${A}`],
  runcStates: [`voiyd/${A}`],
  shimSockets: [],
  mounts: [`overlay /state/voiyd/${A}/rootfs`],
  networkNamespaces: [`/netns/voiyd-${A}`],
  veths: ["veth1"],
  bridgePorts: [],
  ifbs: [],
  ipamLeases: [`voiyd/10.0.0.2 of voiyd-${A} eth0`],
  cniChains: [],
  cniRules: [`ipv4 nat -s 10.0.0.2 -m comment --comment "name: voiyd id: voiyd-${A}"`],
  cniRecords: [`results/voiyd-voiyd-${A}-eth0`],
  fifos: [],
  logFolders: ["web/log/stdout.log"],
  stateFiles: [`voiyd-${A}/hosts`],
  cgroups: [`voiyd/${A} (unified)`],
  tuningBackups: [],
};

const rulesOf = (inventory: LeakInventory): string[] => [
  ...new Set(checkInvariants(inventory).map(({ rule }) => rule)),
];

describe("the invariants", () => {
  test("hold for a host with a running container, and for an empty one", () => {
    expect(checkInvariants(sound)).toEqual([]);
    const empty = Object.fromEntries(Object.keys(sound).map((kind) => [kind, []]));
    expect(checkInvariants({ ...sound, ...empty })).toEqual([]);
  });

  test.each<[string, Partial<LeakInventory>]>([
    ["I-0", { stateFiles: [...sound.stateFiles, `voiyd-${B}/hosts`] }],
    ["I-1", { tasks: [...sound.tasks, `voiyd/${B}`] }],
    ["I-2", { shims: [] }],
    ["I-2", { shims: [...sound.shims, `voiyd/${B}`] }],
    ["I-3", { bundles: [] }],
    ["I-3", { workDirs: [`voiyd/${B}`] }],
    ["I-4", { snapshots: [] }],
    ["I-4", { snapshots: [...sound.snapshots, `overlayfs/voiyd/${B}`] }],
    ["I-5", { leases: [] }],
    ["I-5", { leases: [...sound.leases, "voiyd/voiyd/pull/1"] }],
    ["I-6", { ingests: ["voiyd/layer-sha256:1"] }],
    ["I-7", { mounts: [`overlay /state/voiyd/${B}/rootfs`] }],
    ["I-8", { networkNamespaces: [...sound.networkNamespaces, `/netns/voiyd-${B}`] }],
    ["I-9", { veths: [] }],
    ["I-10", { ipamLeases: [] }],
    ["I-11", { cniRecords: [] }],
    ["I-12", { cniRules: [`ipv4 nat -j DNAT voiyd-${B}`] }],
    ["I-13", { cgroups: [] }],
    ["I-14", { fifos: [`/state/voiyd-${B}/stdin`] }],
    ["I-15", { logFolders: ["nobody/log/stdout.log"] }],
    ["I-16", { shimSockets: ["/run/containerd/s/1"] }],
    ["I-17", { processes: [`sleep of voiyd/${B}`] }],
  ])("%s is broken by %j", (rule, change) => {
    expect(rulesOf({ ...sound, ...change })).toContain(rule);
  });
});
