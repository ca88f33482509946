import { describe, expect, test } from "@jest/globals";
import { diffInventory, formatDifference } from "./diff-inventory.js";
import type { LeakInventory } from "./leak-inventory.js";

const nothing: LeakInventory = {
  containers: [],
  tasks: [],
  snapshots: [],
  layers: [],
  leases: [],
  ingests: [],
  images: [],
  blobs: [],
  shims: [],
  helpers: [],
  processes: [],
  bundles: [],
  workDirs: [],
  runcStates: [],
  shimSockets: [],
  mounts: [],
  networkNamespaces: [],
  veths: [],
  bridgePorts: [],
  ifbs: [],
  ipamLeases: [],
  cniChains: [],
  cniRules: [],
  cniRecords: [],
  fifos: [],
  logFolders: [],
  stateFiles: [],
  cgroups: [],
  tuningBackups: [],
};

describe("diffInventory", () => {
  test("the same twice is no difference", () => {
    const full = { ...nothing, containers: ["a/1"], images: ["a/i"] };
    expect(diffInventory(full, { ...full })).toEqual([]);
  });

  test("every kind is compared, content and what ends by itself only when asked", () => {
    for (const kind of Object.keys(nothing)) {
      const differences = diffInventory(nothing, { ...nothing, [kind]: ["x"] }, { content: true, helpers: true });
      expect(differences).toEqual([{ kind, change: "left", entry: "x" }]);
      const isAskedFor = kind === "layers" || kind === "blobs" || kind === "helpers";
      expect(diffInventory(nothing, { ...nothing, [kind]: ["x"] })).toHaveLength(isAskedFor ? 0 : 1);
    }
  });

  test("what went missing is told as well", () => {
    expect(diffInventory({ ...nothing, veths: ["v1"] }, nothing)).toEqual([
      { kind: "veths", change: "lost", entry: "v1" },
    ]);
  });

  test("two of the same where one was before is one too many", () => {
    expect(diffInventory({ ...nothing, processes: ["sh"] }, { ...nothing, processes: ["sh", "sh"] })).toEqual([
      { kind: "processes", change: "left", entry: "sh" },
    ]);
  });

  test("an ignored kind may differ", () => {
    expect(diffInventory(nothing, { ...nothing, images: ["a/i"] }, { ignore: ["images"] })).toEqual([]);
  });

  test("a person reads what was left and what is lost, by kind", () => {
    const differences = diffInventory(
      { ...nothing, cniRecords: ["r"] },
      { ...nothing, networkNamespaces: ["/n/1", "/n/2"] },
    );
    expect(formatDifference(differences)).toBe("network namespaces:\n  + /n/1\n  + /n/2\nCNI records:\n  - r");
  });
});
