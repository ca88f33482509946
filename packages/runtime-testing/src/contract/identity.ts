import { match, strictEqual } from "node:assert/strict";
import { assertSame } from "./canonical.js";
import { rejectsWith } from "./rejections.js";
import { HOSTILE_LABELS } from "./run.js";
import type { Promised } from "./stage.js";

export function identityContract(promised: Promised): void {
  promised("id and name turn each into the other", async ({ harness, run, runtime }) => {
    const { meta, status } = await run(harness.programs.sleepForever);
    for (const ref of [meta.name, status.id, status.id.slice(0, 8)]) {
      strictEqual(await runtime.id(ref), status.id);
      strictEqual(await runtime.name(ref), meta.name);
    }
  });

  promised("labels are those of the user, and no others", async ({ harness, run, runtime }) => {
    const labelled = await run(harness.programs.sleepForever, {}, { labels: HOSTILE_LABELS });
    const plain = await run(harness.programs.sleepForever);
    for (const ref of [labelled.meta.name, labelled.status.id, labelled.status.id.slice(0, 24)]) {
      assertSame(await runtime.labels(ref), HOSTILE_LABELS);
    }
    assertSame(await runtime.labels(plain.meta.name), {});
    assertSame(plain.meta.labels, {});
  });

  promised("NOT_FOUND for what does not exist", async ({ runtime }) => {
    await rejectsWith("NOT_FOUND", runtime.id("nothing"), ["nothing"]);
    await rejectsWith("NOT_FOUND", runtime.name("nothing"), ["nothing"]);
    await rejectsWith("NOT_FOUND", runtime.labels("nothing"), ["nothing"]);
  });

  promised("the namespace is fixed, and the version has a name and a number", async ({ runtime }) => {
    match(runtime.namespace(), /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/);
    strictEqual(runtime.namespace(), runtime.namespace());
    match(await runtime.version(), /^[a-z][a-z0-9-]*\/\S+$/);
    strictEqual(await runtime.version(), await runtime.version());
  });
}
