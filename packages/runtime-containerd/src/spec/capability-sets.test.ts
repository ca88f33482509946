import { describe, expect, test } from "@jest/globals";
import { type Capabilities, CAPABILITY_NAMES } from "@voiyd/runtime-api";
import fc from "fast-check";
import { capabilitySets, DEFAULT_CAPABILITIES, effectiveCapabilities } from "./capability-sets.js";

const ALL = (1n << BigInt(CAPABILITY_NAMES.length)) - 1n;
const of = (capabilities: Capabilities | undefined, privileged = false, bounding = ALL): readonly string[] =>
  effectiveCapabilities({ capabilities, privileged, bounding });
const sorted = (names: readonly string[]): string[] => [...names].sort();
const without = (...names: string[]): string[] => DEFAULT_CAPABILITIES.filter((name) => !names.includes(name));
/** A bounding set without these. */
const lacking = (...names: string[]): bigint =>
  names.reduce((mask, name) => mask & ~(1n << BigInt(CAPABILITY_NAMES.indexOf(name))), ALL);

describe("the capabilities of a container", () => {
  test("are Docker's fourteen", () => {
    expect(DEFAULT_CAPABILITIES).toHaveLength(14);
    expect(sorted(of(undefined))).toEqual(sorted(DEFAULT_CAPABILITIES));
    expect(of({})).not.toContain("CAP_SYS_ADMIN");
  });

  test.each<[string, Capabilities, readonly string[]]>([
    ["one more", { add: ["NET_ADMIN"] }, [...DEFAULT_CAPABILITIES, "CAP_NET_ADMIN"]],
    ["one more, however it is written", { add: ["cap_net_admin"] }, [...DEFAULT_CAPABILITIES, "CAP_NET_ADMIN"]],
    ["one that is there already", { add: ["CHOWN"] }, DEFAULT_CAPABILITIES],
    ["one less", { drop: ["CAP_MKNOD"] }, without("CAP_MKNOD")],
    ["one less that is not there", { drop: ["SYS_ADMIN"] }, DEFAULT_CAPABILITIES],
    ["none", { drop: ["ALL"] }, []],
    ["only those that are asked for", { drop: ["all"], add: ["CHOWN", "SYS_TIME"] }, ["CAP_CHOWN", "CAP_SYS_TIME"]],
    ["all", { add: ["ALL"] }, CAPABILITY_NAMES],
    ["all but one", { add: ["ALL"], drop: ["SYS_ADMIN"] }, CAPABILITY_NAMES.filter((name) => name !== "CAP_SYS_ADMIN")],
    [
      "one that is both added and dropped, which is dropped",
      { add: ["SYS_TIME"], drop: ["SYS_TIME"] },
      DEFAULT_CAPABILITIES,
    ],
  ])("can be %s", (_what, capabilities, expected) => {
    expect(sorted(of(capabilities))).toEqual(sorted(expected));
  });

  test("are all that there are for a privileged one, less what is dropped", () => {
    expect(of(undefined, true)).toEqual(CAPABILITY_NAMES);
    expect(of({ drop: ["SYS_MODULE"] }, true)).not.toContain("CAP_SYS_MODULE");
  });

  test("are never more than the host can give", () => {
    const bounding = lacking("CAP_SYS_MODULE", "CAP_CHOWN");
    expect(of({ add: ["SYS_MODULE"] }, false, bounding)).toEqual(
      expect.not.arrayContaining(["CAP_SYS_MODULE", "CAP_CHOWN"]),
    );
    expect(of(undefined, true, bounding)).toHaveLength(CAPABILITY_NAMES.length - 2);
    expect(of({ add: ["ALL"] }, false, 0n)).toEqual([]);
  });

  test("are each named once, known, and within the bounding set, whatever is asked for", () => {
    const names = fc.array(fc.constantFrom("ALL", ...CAPABILITY_NAMES));
    fc.assert(
      fc.property(names, names, fc.boolean(), fc.bigInt({ min: 0n, max: ALL }), (add, drop, privileged, bounding) => {
        const result = of({ add, drop }, privileged, bounding);
        expect(new Set(result).size).toBe(result.length);
        for (const name of result) expect(bounding & (1n << BigInt(CAPABILITY_NAMES.indexOf(name)))).not.toBe(0n);
        for (const name of drop) expect(result).not.toContain(name);
      }),
    );
  });

  test("of an unknown name are refused", () => {
    expect(() => of({ add: ["FLY"] })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("are neither inheritable nor ambient (CVE-2022-24769)", () => {
    const names = ["CAP_CHOWN"];
    expect(capabilitySets(names)).toEqual({
      bounding: names,
      effective: names,
      permitted: names,
      inheritable: [],
      ambient: [],
    });
  });
});
