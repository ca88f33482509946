import { describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import type { Runtime } from "@voiyd/runtime-api";
import { runtimeContract } from "../contract/runtime-contract.js";
import type { MemoryRuntime } from "../memory/memory-runtime.js";
import type { Verdict } from "./collecting-test-api.js";
import { collectingTestApi } from "./collecting-test-api.js";
import type { Defect } from "./defect.js";
import { withDefect } from "./defect.js";
import { imageDefects } from "./image-defects.js";
import { ioDefects } from "./io-defects.js";
import { lifecycleDefects } from "./lifecycle-defects.js";
import { lookupDefects } from "./lookup-defects.js";
import { memoryHarness } from "./memory-harness.js";
import { runDefects } from "./run-defects.js";

const defects = [...runDefects, ...lookupDefects, ...lifecycleDefects, ...ioDefects, ...imageDefects];

/** Where a defect makes tests hang, their deadlines add up. */
const GENEROUS_MS = 60_000;

/** The failures of the contract suite on the in-memory runtime with this defect, or without any. */
async function failuresWith(defect?: Defect): Promise<Verdict[]> {
  const testApi = collectingTestApi();
  const made: MemoryRuntime[] = [];
  const alter = (honest: MemoryRuntime): Runtime => (defect === undefined ? honest : withDefect(honest, defect));
  runtimeContract(memoryHarness(testApi, alter, made));
  const verdicts = await testApi.runAll();
  // A defective runtime may have left containers, and tests that wait for them.
  await Promise.all(made.map((honest) => honest[Symbol.asyncDispose]()));
  expect(verdicts.length).toBeGreaterThan(100);
  return verdicts.filter(({ failure }) => failure !== undefined);
}

describe("the contract suite", () => {
  test("finds nothing wrong with an honest runtime", async () => {
    expect((await failuresWith()).map((verdict) => inspect(verdict))).toEqual([]);
  });

  test("finds nothing wrong with a runtime whose methods are only passed on", async () => {
    const harmless = { name: "harmless", noticedBy: "nobody", change: () => ({}) };
    expect((await failuresWith(harmless)).map((verdict) => inspect(verdict))).toEqual([]);
  });

  test("is tried with at least ten defects, each with a name of its own", () => {
    expect(new Set(defects.map(({ name }) => name)).size).toBe(defects.length);
    expect(defects.length).toBeGreaterThanOrEqual(10);
  });

  test.each(defects)(
    "fails where $name",
    async (defect) => {
      const failures = await failuresWith(defect);
      expect(failures.map(({ test: name }) => name.split(" › ")[0])).toContain(`memory: ${defect.noticedBy}`);
    },
    GENEROUS_MS,
  );
});
