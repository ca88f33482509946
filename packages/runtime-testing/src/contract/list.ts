import { strictEqual } from "node:assert/strict";
import type { Labels } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { HOSTILE_LABELS } from "./run.js";
import type { Promised } from "./stage.js";

export function listContract(promised: Promised): void {
  promised("is empty where there is nothing", async ({ runtime }) => {
    assertSame(await runtime.list(), []);
    assertSame(await runtime.list({ labels: { role: "web" } }), []);
  });

  promised("has containers that run and containers that have exited", async (stage) => {
    const { programs } = stage.harness;
    const running = await stage.run(programs.sleepForever);
    const exited = await stage.runToItsEnd(programs.exitWith(4));
    const phases = (await stage.runtime.list()).map(({ meta, status }) => [meta.name, status.phase, status.exitCode]);
    assertSame(phases.sort(), [
      [running.meta.name, "running", undefined],
      [exited.meta.name, "exited", 4],
    ]);
  });

  promised("says the same as get", async ({ harness, run, runtime }) => {
    const { meta } = await run(harness.programs.sleepForever, {}, { labels: { role: "web" } });
    assertSame(await runtime.list(), [await runtime.get(meta.name)]);
  });

  promised("with labels has only containers with all of them, exactly", async ({ harness, run, runtime }) => {
    const labelled: Readonly<Record<string, Labels>> = {
      "web-1": { role: "web", tier: "front" },
      "web-2": { role: "web", tier: "back" },
      webby: { role: "webby", tier: "front" },
      upper: { Role: "web", tier: "Front" },
      plain: {},
    };
    for (const [name, labels] of Object.entries(labelled))
      await run(harness.programs.sleepForever, {}, { name, labels });
    const matching = async (labels: Labels): Promise<string> =>
      (await runtime.list({ labels }))
        .map(({ meta }) => meta.name)
        .sort()
        .join();
    strictEqual(await matching({ role: "web" }), "web-1,web-2");
    strictEqual(await matching({ role: "web", tier: "front" }), "web-1");
    strictEqual(await matching({ tier: "front" }), "web-1,webby");
    strictEqual(await matching({ role: "we" }), "");
    strictEqual(await matching({ role: "" }), "");
    strictEqual(await matching({ role: ".*" }), "");
    strictEqual(await matching({ rol: "web" }), "");
    strictEqual(await matching({}), "plain,upper,web-1,web-2,webby");
  });

  promised("finds labels whatever characters are in them", async ({ harness, run, runtime }) => {
    const { meta } = await run(harness.programs.sleepForever, {}, { labels: HOSTILE_LABELS });
    await run(harness.programs.sleepForever);
    for (const [key, value] of Object.entries(HOSTILE_LABELS)) {
      const found = await runtime.list({ labels: Object.fromEntries([[key, value]]) });
      assertSame(
        found.map((container) => container.meta.name),
        [meta.name],
        `by ${JSON.stringify(key)}`,
      );
      assertSame(await runtime.list({ labels: Object.fromEntries([[key, `${value}x`]]) }), []);
    }
  });
}
