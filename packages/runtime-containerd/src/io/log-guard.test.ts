import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ContainerdError } from "@voiyd/containerd-client";
import { silentLogger } from "@voiyd/logger";
import type { RuntimeContext } from "../context.js";
import { createHost } from "../host/create-host.js";
import { containerMessage } from "../testing/container-message.js";
import { FakeClient } from "../testing/fake-client.js";
import { testContext } from "../testing/test-context.js";
import { LogGuard } from "./log-guard.js";

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let sizes: Map<string, number>;
let moved: [string, string][];
let warnings: string[];
let lists: number;
let list: () => void;

beforeEach(() => {
  sizes = new Map();
  moved = [];
  warnings = [];
  lists = 0;
  list = () => undefined;
});

afterEach(() => {
  jest.useRealTimers();
});

/** A host with two containers, `one` and `two`, whose logs are as large as `sizes` says. */
function context(): RuntimeContext {
  const host = createHost();
  const client = new FakeClient({
    containers: {
      async *listStream() {
        lists++;
        list();
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
        size: async (path) => sizes.get(path) ?? 0,
        putAside: async (path, aside) => {
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

  test("that goes wrong is said, and not thrown", async () => {
    list = () => {
      throw new ContainerdError("unavailable", "away", { method: "m", connection: true });
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
  test("looks every ten seconds once it is started, and no more when it is disposed", async () => {
    jest.useFakeTimers({ doNotFake: ["setImmediate", "nextTick", "queueMicrotask", "performance"] });
    const guard = new LogGuard(context, { maxBytes: 100 });
    jest.advanceTimersByTime(60_000);
    await settled();
    expect(lists).toBe(0);
    guard.start();
    guard.start();
    for (const expected of [1, 2, 3]) {
      jest.advanceTimersByTime(10_000);
      await settled();
      expect(lists).toBe(expected);
    }
    await guard[Symbol.asyncDispose]();
    jest.advanceTimersByTime(60_000);
    await settled();
    expect(lists).toBe(3);
  });
});
