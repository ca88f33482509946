import { describe, expect, test } from "@jest/globals";
import { scopeHeaders } from "./scope.js";

describe("the headers of a call", () => {
  test("name the namespace, and no lease where there is none", () => {
    expect(Object.entries(scopeHeaders({ namespace: "blue" }, undefined))).toEqual([["containerd-namespace", "blue"]]);
  });

  test("name the lease", () => {
    expect(scopeHeaders({ namespace: "blue", lease: "l1" }, undefined)["containerd-lease"]).toBe("l1");
  });

  test.each<[string, unknown]>([
    ["Headers", new Headers({ "containerd-namespace": "red", "containerd-lease": "mine", other: "1" })],
    [
      "pairs",
      [
        ["containerd-namespace", "red"],
        ["containerd-lease", "mine"],
        ["other", "1"],
      ],
    ],
    ["an object", { "Containerd-Namespace": "red", "Containerd-Lease": "mine", other: 1 }],
  ])("of the call itself, as %s, win over the client's", (_form, header) => {
    const headers = scopeHeaders({ namespace: "blue", lease: "l1" }, header);
    expect(Object.entries(headers).sort()).toEqual([
      ["containerd-lease", "mine"],
      ["containerd-namespace", "red"],
      ["other", "1"],
    ]);
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["a number", 3],
    ["pairs that are none", [["a"], "b", ["c", "d", "e"], [1, "f"]]],
  ])("take nothing from %s", (_form, header) => {
    expect(Object.entries(scopeHeaders({ namespace: "blue" }, header))).toEqual([["containerd-namespace", "blue"]]);
  });
});
