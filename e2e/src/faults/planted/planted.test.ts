import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test as plainTest } from "@jest/globals";
import { type LeakInventory, takeInventory } from "@voiyd/harness";
import { isRuntimeError } from "@voiyd/runtime-api";
import { describeOnHost } from "../../fixture/on-host.js";
import type { Stage } from "../../fixture/stage.js";
import { CompiledProgram } from "../compiled-program.js";
import { DEFECTS } from "./defects.js";
import { SCENARIOS, type ScenarioName } from "./program/scenarios.js";
import { runScenario } from "./run-scenario.js";

const SOURCES = fileURLToPath(new URL("program", import.meta.url));
const PACKAGES = fileURLToPath(new URL("../../../../packages", import.meta.url));

describe("the planted defects", () => {
  plainTest("are at least fifteen, and each is of a scenario that is also run without it", () => {
    expect(DEFECTS.length).toBeGreaterThanOrEqual(15);
    expect(new Set(DEFECTS.map(({ scenario }) => scenario))).toEqual(new Set(Object.keys(SCENARIOS)));
  });

  plainTest.each(DEFECTS)("find their place: $name", async ({ patches }) => {
    for (const { file, find } of patches) {
      const built = await readFile(`${PACKAGES}/${file.replace("/", "/dist/esm/")}.js`, "utf8");
      expect({ file, find, times: built.split(find).length - 1 }).toEqual({ file, find, times: 1 });
    }
  });
});

await describeOnHost("the tests are able to fail", (test) => {
  let program: CompiledProgram;
  beforeAll(async () => {
    program = await CompiledProgram.from(SOURCES);
  });
  afterAll(async () => {
    await program[Symbol.asyncDispose]();
  });
  let pulled: string | undefined;
  let before: LeakInventory | undefined;
  /** The same for all: nothing is there before and after each of them. */
  const given = async (stage: Stage): Promise<{ readonly pulled: string; readonly before: LeakInventory }> => {
    pulled ??= await stage.publish("test/planted", { layers: [{ files: { a: { content: "a" } } }] });
    before ??= await takeInventory(stage.host);
    return { pulled, before };
  };

  for (const scenario of Object.keys(SCENARIOS).filter(isScenario)) {
    test(`${scenario}: all is well without a defect`, async (stage) => {
      const { pulled, before } = await given(stage);
      const trial = { scenario, patches: [], pulled, looksAtRest: true, settleMs: 10_000 };
      const problems = await runScenario(stage, program, before, trial);
      await clear(stage, pulled);
      expect(problems).toEqual([]);
    });
  }

  for (const { name, scenario, patches, red, showsAtRest: looksAtRest = false } of DEFECTS) {
    test(`${scenario}: is red when ${name}`, async (stage) => {
      const { pulled, before } = await given(stage);
      const trial = { scenario, patches, pulled, looksAtRest, settleMs: 0 };
      const problems = await runScenario(stage, program, before, trial);
      await clear(stage, pulled);
      expect(problems.join("\n")).toMatch(red);
    });
  }
});

function isScenario(name: string): name is ScenarioName {
  return Object.hasOwn(SCENARIOS, name);
}

/** The code as it is mends what a defect has left. */
async function clear(stage: Stage, pulled: string): Promise<void> {
  const { runtime, network, client } = stage.main;
  await runtime.recover();
  for (const { id } of (await client.tasks.list({})).tasks) await runtime.delete(id);
  for (const { status } of await runtime.list()) await runtime.delete(status.id);
  await using other = stage.open({ namespace: "other" });
  await other.runtime.delete("neighbour");
  for (const [one, image] of [
    [runtime, pulled],
    [other.runtime, stage.busybox],
  ] as const) {
    await one.removeImage(image).catch((error: unknown) => {
      if (!isRuntimeError(error, "IMAGE_NOT_FOUND")) throw error;
    });
  }
  // By now there is no container: whatever a network has, it has for nobody.
  await network.gc([], { allowEmpty: true });
  await runtime.recover();
}
