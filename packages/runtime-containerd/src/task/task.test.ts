import { describe, expect, test } from "@jest/globals";
import { exitFromWire } from "./exit.js";
import { isShimWithoutTask } from "./task-state.js";

describe("an exit on the wire", () => {
  test("has a code and a time", () => {
    expect(exitFromWire({ exitStatus: 42, exitedAt: { seconds: 1_700_000_000n, nanos: 123_999_999 } })).toEqual({
      exitCode: 42,
      exitedAt: new Date(1_700_000_000_123),
    });
  });

  test("of zero is one, when it has a time", () => {
    expect(exitFromWire({ exitStatus: 0, exitedAt: { seconds: 1n, nanos: 0 } })).toEqual({
      exitCode: 0,
      exitedAt: new Date(1000),
    });
  });

  test.each([
    ["Go's zero time", { seconds: -62_135_596_800n, nanos: 0 }],
    ["the epoch", { seconds: 0n, nanos: 0 }],
    ["no time", undefined],
  ])("with %s is about a process that never ran: unknown, whatever the code", (_what, exitedAt) => {
    expect(exitFromWire({ exitStatus: 0, exitedAt })).toEqual({ exitCode: "unknown" });
    expect(exitFromWire({ exitStatus: 255, exitedAt })).toEqual({ exitCode: "unknown" });
  });
});

test.each([
  ["task web not found: not found", false],
  ['container "web" in namespace "voiyd": not found', false],
  ["container not created: not found", true],
  ["ttrpc: container not created", true],
])("a shim without a task is seen in %j: %s", (message, expected) => {
  expect(isShimWithoutTask(message)).toBe(expected);
});
