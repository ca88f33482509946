import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { silentLogger } from "@voiyd/logger";
import type { RuntimeContext } from "../context.js";
import { createHost } from "../host/create-host.js";
import { containerMessage } from "../testing/container-message.js";
import { FakeClient } from "../testing/fake-client.js";
import { testContext } from "../testing/test-context.js";
import { LogGuard } from "./log-guard.js";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The lock is the host's, so a look is over some turns later. */
async function untilLists(expected: number): Promise<void> {
  while (lists < expected) await settled();
  expect(lists).toBe(expected);
}

let sizes: Map<string, number>;
let timed: Set<string>;
let moved: [string, string][];
let warnings: string[];
let lists: number;
let list: () => void;

beforeEach(() => {
  sizes = new Map();
  timed = new Set();
  moved = [];
  warnings = [];
  lists = 0;
  list = () => undefined;
});

afterEach(() => {
  jest.useRealTimers();
});

/** A host with two containers, `one` and `two`, and somebody else's, whose logs are as large as `sizes` says. */
function context(): RuntimeContext {
  const host = createHost();
  const client = new FakeClient({
    containers: {
      async *listStream() {
        for (const name of ["one", "two"]) {
          const container = containerMessage(`id-${name}`, name);
          yield { $typeName: "containerd.services.containers.v1.ListContainerMessage" as const, container };
        }
      },
    },
  });
  return testContext({
    client,
    logDirFmt: "/logs/%s",
    logger: { ...silentLogger, warn: (message) => warnings.push(message) },
    host: {
      ...host,
      files: {
        ...host.files,
        list: async (path) => {
          expect(path).toBe("/logs");
          lists++;
          list();
          return ["one", "other", "two", ".hidden"];
        },
        exists: async (path) => /^\/logs\/[a-z]+$/.test(path) || timed.has(path),
        size: async (path) => sizes.get(path) ?? 0,
        putAside: async (path, aside, mostBytes) => {
          expect(mostBytes).toBe(100);
          if (sizes.get(path) === Infinity) throw Object.assign(new Error("full"), { code: "ENOSPC" });
          moved.push([path, aside]);
          sizes.set(path, 0);
        },
      },
    },
  });
}

describe("a look at the logs", () => {
  test("puts aside those that are larger than the limit, and no other", async () => {
    sizes = new Map([
      ["/logs/one/stdout.log", 100],
      ["/logs/one/stderr.log", 101],
      ["/logs/two/stdout.log", 5_000],
    ]);
    await new LogGuard(context, { maxBytes: 100 }).look();
    expect(moved).toEqual([
      ["/logs/one/stderr.log", "/logs/one/stderr.log.1"],
      ["/logs/two/stdout.log", "/logs/two/stdout.log.1"],
    ]);
    expect(warnings).toEqual([]);
  });

  test("leaves those with times to their log process, and those of other namespaces to others", async () => {
    timed = new Set(["/logs/one/stdout.times"]);
    sizes = new Map([
      ["/logs/one/stdout.log", 5_000],
      ["/logs/one/stderr.log", 5_000],
      ["/logs/other/stdout.log", 5_000],
    ]);
    await new LogGuard(context, { maxBytes: 100 }).look();
    expect(moved).toEqual([["/logs/one/stderr.log", "/logs/one/stderr.log.1"]]);
  });

  test("gives way to somebody who is looking just now", async () => {
    sizes = new Map([["/logs/one/stdout.log", 5_000]]);
    const guard = new LogGuard(context, { maxBytes: 100 });
    await createHost().lock("log-guard:/logs/%s", () => guard.look());
    expect([moved, warnings]).toEqual([[], []]);
    await guard.look();
    expect(moved).toHaveLength(1);
  });

  test("that goes wrong is said, and not thrown", async () => {
    list = () => {
      throw Object.assign(new Error("no room for another file"), { code: "EMFILE" });
    };
    await expect(new LogGuard(context, { maxBytes: 100 }).look()).resolves.toBeUndefined();
    expect(warnings).toHaveLength(1);
  });

  test("that goes wrong for one log looks at the others all the same", async () => {
    sizes = new Map([
      ["/logs/one/stdout.log", Infinity],
      ["/logs/two/stdout.log", 5_000],
    ]);
    await new LogGuard(context, { maxBytes: 100 }).look();
    expect(moved).toEqual([["/logs/two/stdout.log", "/logs/two/stdout.log.1"]]);
    expect(warnings).toHaveLength(1);
  });
});

describe("a guard", () => {
  test("looks when it is started, then every ten seconds, and no more when it is disposed", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance"] });
    const guard = new LogGuard(context, { maxBytes: 100 });
    jest.advanceTimersByTime(60_000);
    await settled();
    expect(lists).toBe(0);
    guard.start();
    guard.start();
    await untilLists(1);
    for (const expected of [2, 3]) {
      jest.advanceTimersByTime(10_000);
      await untilLists(expected);
    }
    await guard[Symbol.asyncDispose]();
    jest.advanceTimersByTime(60_000);
    await settled();
    expect(lists).toBe(3);
  });
});
