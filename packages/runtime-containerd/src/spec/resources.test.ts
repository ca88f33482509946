import { describe, expect, test } from "@jest/globals";
import type { Resources } from "@voiyd/runtime-api";
import { deviceRules } from "./devices.js";
import { linuxLimits } from "./resources.js";

test.each<[Resources, unknown]>([
  [{}, { pids: { limit: 2048 } }],
  [{ pids: 10 }, { pids: { limit: 10 } }],
  [{ pids: -1 }, {}],
  [{ memory: 64 * 1024 * 1024, pids: -1 }, { memory: { limit: 67108864, swap: 134217728 } }],
  [{ cpus: 0.5, pids: -1 }, { cpu: { quota: 50_000, period: 100_000 } }],
  [{ cpus: 1.234567, pids: -1 }, { cpu: { quota: 123_457, period: 100_000 } }],
  [{ cpus: 0.01, pids: -1 }, { cpu: { quota: 1_000, period: 100_000 } }],
])("the limits for %j", (resources, expected) => {
  expect(linuxLimits(resources)).toEqual(expected);
});

describe("the device rules", () => {
  test("of a privileged container allow everything", () => {
    expect(deviceRules(true)).toEqual([{ allow: true, access: "rwm" }]);
  });

  test("of any other refuse everything first, then allow by number what is harmless", () => {
    const [first, ...rest] = deviceRules(false);
    expect(first).toEqual({ allow: false, access: "rwm" });
    for (const rule of rest) {
      expect(rule.allow).toBe(true);
      // Whatever may be read or written is named; a block device is never.
      if (rule.access !== "m") expect(rule).toMatchObject({ type: "c", major: expect.any(Number) });
    }
    const usable = rest
      .filter(({ access }) => access === "rwm")
      .map(({ major, minor }) => `${String(major)}:${String(minor)}`);
    expect(usable).toEqual(["1:3", "1:5", "1:7", "1:8", "1:9", "5:0", "5:1", "5:2", "136:undefined"]);
  });
});
