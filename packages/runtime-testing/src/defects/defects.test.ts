import { describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import { runtimeContract } from "../contract/runtime-contract.js";
import type { Verdict } from "./collecting-test-api.js";
import { collectingTestApi } from "./collecting-test-api.js";
import type { Defect } from "./defect.js";
import { withDefect } from "./defect.js";
import { ioDefects } from "./io-defects.js";
import { lifecycleDefects } from "./lifecycle-defects.js";
import { lookupDefects } from "./lookup-defects.js";
import { memoryHarness } from "./memory-harness.js";
import { runDefects } from "./run-defects.js";

const defects = [...runDefects, ...lookupDefects, ...lifecycleDefects, ...ioDefects];

/** The failures of the contract suite on the in-memory runtime with this defect, or without any. */
async function failuresWith(defect?: Defect): Promise<Verdict[]> {
  const testApi = collectingTestApi();
  runtimeContract(memoryHarness(testApi, (honest) => (defect === undefined ? honest : withDefect(honest, defect))));
  const verdicts = await testApi.runAll();
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

  test.each(defects)("fails where $name", async (defect) => {
    const failures = await failuresWith(defect);
    expect(failures.map(({ test: name }) => name.split(" › ")[0])).toContain(`memory: ${defect.noticedBy}`);
  });
});
