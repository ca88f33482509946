import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseExit } from "./exit-record.js";
import { networkRecord, parseNetworkRecord } from "./network-record.js";
import { parseRecordPhase } from "./phase.js";

describe("an exit on record", () => {
  const at = new Date("2026-01-02T03:04:05.678Z");

  test.each([
    [{ exitCode: 0, exitedAt: at, oomKilled: false }],
    [{ exitCode: 137, exitedAt: at, oomKilled: true }],
    [{ exitCode: 1 }],
    [{ exitCode: "unknown" as const }],
  ])("%j is read as it was written", (exit) => {
    expect(parseExit(JSON.parse(JSON.stringify(exit)))).toEqual(exit);
  });

  test.each<[unknown]>([[undefined], [null], [0], [[]], [{}], [{ exitCode: "0" }], [{ exitCode: null }]])(
    "is not %j",
    (value) => {
      expect(parseExit(value)).toBeUndefined();
    },
  );

  test("has no time where that is damaged, and keeps its code", () => {
    expect(parseExit({ exitCode: 3, exitedAt: "then", oomKilled: "yes" })).toEqual({ exitCode: 3 });
  });
});

describe("a network on record", () => {
  const startedAt = new Date("2026-01-02T03:04:05.678Z");
  const address = (text: string, family: 4 | 6): { address: string; prefixLength: number; family: 4 | 6 } => ({
    address: text,
    prefixLength: 24,
    family,
  });
  const attached = (...addresses: ReturnType<typeof address>[]): Parameters<typeof networkRecord>[0] => ({
    containerId: "c",
    namespacePath: "/n",
    interfaces: [{ name: "eth0", network: "default", addresses }],
    ports: [],
  });

  test("has the IPv4 address first, and another where there is none", () => {
    expect(networkRecord(attached(address("fd00::2", 6), address("10.69.0.2", 4)), startedAt).ip).toBe("10.69.0.2");
    expect(networkRecord(attached(address("fd00::2", 6)), startedAt).ip).toBe("fd00::2");
    expect(networkRecord(attached(), startedAt)).toEqual({ startedAt: startedAt.toISOString() });
  });

  test("of a container without a network says when it was started", () => {
    expect(networkRecord(undefined, startedAt)).toEqual({ startedAt: startedAt.toISOString() });
  });

  test("is read as it was written", () => {
    const ports = [{ hostPort: 8080, containerPort: 80, protocol: "tcp" as const, hostIp: "127.0.0.1" }];
    const record = { ip: "10.69.0.2", ports, startedAt: startedAt.toISOString() };
    expect(parseNetworkRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  test("has nothing of what is damaged", () => {
    expect(parseNetworkRecord({ ip: 3, ports: [{ hostPort: "80" }], startedAt: 5 })).toEqual({});
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(typeof parseNetworkRecord(value)).toBe("object");
      }),
    );
  });
});

test.each([
  ["creating", "creating"],
  ["running", "running"],
  ["deleting", "deleting"],
  ["exited", undefined],
  ["", undefined],
  [undefined, undefined],
  ["constructor", undefined],
])("the phase label %j is %j", (text, phase) => {
  expect(parseRecordPhase(text)).toBe(phase);
});
