import { describe, expect, test } from "@jest/globals";
import { isRuntimeError } from "@voiyd/runtime-api";
import { customSeccompProfile } from "./custom-profile.js";
import type { LinuxSeccomp } from "./types.js";

const INPUT = { architecture: "x64" as const, capabilities: ["CAP_CHOWN"], kernel: { major: 5, minor: 10 } };

function read(profile: unknown, input: Partial<typeof INPUT> = {}): LinuxSeccomp {
  return customSeccompProfile(JSON.stringify(profile), { ...INPUT, ...input });
}

const base = { defaultAction: "SCMP_ACT_ERRNO" };
const rule = { names: ["read"], action: "SCMP_ACT_ALLOW" };

describe("a profile in Docker's form", () => {
  test("becomes one in OCI's", () => {
    expect(
      read({
        ...base,
        defaultErrnoRet: 38,
        archMap: [
          { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] },
          { architecture: "SCMP_ARCH_AARCH64", subArchitectures: ["SCMP_ARCH_ARM"] },
        ],
        flags: ["SECCOMP_FILTER_FLAG_LOG"],
        syscalls: [
          { ...rule, comment: "all may", args: [], includes: {}, excludes: {} },
          {
            name: "write",
            action: "SCMP_ACT_LOG",
            errnoRet: 1,
            args: [{ index: 1, value: 2, valueTwo: 3, op: "SCMP_CMP_MASKED_EQ" }],
          },
        ],
      }),
    ).toEqual({
      ...base,
      defaultErrnoRet: 38,
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      flags: ["SECCOMP_FILTER_FLAG_LOG"],
      syscalls: [
        rule,
        {
          names: ["write"],
          action: "SCMP_ACT_LOG",
          errnoRet: 1,
          args: [{ index: 1, value: 2, valueTwo: 3, op: "SCMP_CMP_MASKED_EQ" }],
        },
      ],
    });
  });

  test.each([
    ["an included capability that is there", { includes: { caps: ["CAP_CHOWN"] } }, true],
    ["an included capability that is not", { includes: { caps: ["CAP_CHOWN", "CAP_KILL"] } }, false],
    ["an excluded capability that is there", { excludes: { caps: ["CAP_KILL", "CAP_CHOWN"] } }, false],
    ["an excluded capability that is not", { excludes: { caps: ["CAP_KILL"] } }, true],
    ["an included machine", { includes: { arches: ["amd64"] } }, true],
    ["another machine", { includes: { arches: ["arm64", "arm"] } }, false],
    ["an excluded machine", { excludes: { arches: ["amd64"] } }, false],
    ["a kernel that is old enough", { includes: { minKernel: "4.8" } }, true],
    ["the very kernel", { includes: { minKernel: "5.10" } }, true],
    ["a later kernel", { includes: { minKernel: "5.11" } }, false],
    ["a kernel that is excluded", { excludes: { minKernel: "4.8" } }, false],
  ])("%s", (_name, conditions, applies) => {
    expect(read({ ...base, syscalls: [{ ...rule, ...conditions }] }).syscalls).toEqual(applies ? [rule] : []);
  });

  test.each([
    ["no JSON", "{"],
    ["no object", []],
    ["no default", {}],
    ["an action that is none", { defaultAction: "ALLOW" }],
    ["a rule without names", { ...base, syscalls: [{ action: "SCMP_ACT_ALLOW" }] }],
    ["an empty name", { ...base, syscalls: [{ names: [""], action: "SCMP_ACT_ALLOW" }] }],
    ["both name and names", { ...base, syscalls: [{ ...rule, name: "x" }] }],
    ["a rule's action that is none", { ...base, syscalls: [{ ...rule, action: "SCMP_ACT_NOTHING" }] }],
    ["an operator that is none", { ...base, syscalls: [{ ...rule, args: [{ index: 0, value: 1, op: "EQ" }] }] }],
    ["a seventh argument", { ...base, syscalls: [{ ...rule, args: [{ index: 6, value: 1, op: "SCMP_CMP_EQ" }] }] }],
    [
      "a number that cannot be told from its neighbours",
      '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["a"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}',
    ],
    ["a condition that is not known", { ...base, syscalls: [{ ...rule, excludes: { moon: ["full"] } }] }],
    ["a version that is none", { ...base, syscalls: [{ ...rule, includes: { minKernel: "new" } }] }],
    ["an architecture that is none", { ...base, architectures: ["x86"] }],
    [
      "architectures twice",
      { ...base, architectures: ["SCMP_ARCH_X86"], archMap: [{ architecture: "SCMP_ARCH_X86" }] },
    ],
    ["a flag that is none", { ...base, flags: ["X"] }],
    ["an agent, which would be a socket of the host", { ...base, listenerPath: "/run/x.sock" }],
    ["names that are no list", { ...base, syscalls: [{ ...rule, names: "read" }] }],
  ])("is refused as a whole: %s", (_name, profile) => {
    let refusal: unknown;
    try {
      customSeccompProfile(typeof profile === "string" ? profile : JSON.stringify(profile), INPUT);
    } catch (error) {
      refusal = error;
    }
    expect(isRuntimeError(refusal, "INVALID_ARGUMENT") && refusal.details["option"]).toBe("seccomp");
  });
});
