import { strictEqual } from "node:assert/strict";
import type { Container } from "@voiyd/runtime-api";
import { rejectsWith } from "./rejections.js";
import type { Promised, Stage } from "./stage.js";

/** What is neither a name nor an id, and must find nothing, least of all everything. */
export const PATTERNS: readonly string[] = ["", "*", ".*", "x.*", "~x", "^x", 'x"', "x,name==y", "x y", "../x", "%"];

export function getContract(promised: Promised): void {
  promised("finds a container by name, id, id prefix and object", async ({ harness, run, runtime }) => {
    const container = await run(harness.programs.sleepForever);
    const { meta, config, status } = container;
    for (const ref of [
      meta.name,
      status.id,
      status.id.slice(0, 12),
      status.id.slice(0, 1),
      container,
      { meta, config },
    ]) {
      strictEqual((await runtime.get(ref)).status.id, status.id);
    }
  });

  promised("NOT_FOUND for what does not exist, with its name", async ({ harness, run, runtime }) => {
    const { status } = await run(harness.programs.sleepForever);
    await rejectsWith("NOT_FOUND", runtime.get("nothing"), ["nothing"]);
    await rejectsWith("NOT_FOUND", runtime.get(`${status.id}0`));
    await rejectsWith("NOT_FOUND", runtime.get(status.id.slice(1)));
  });

  promised("never takes a reference for a pattern", async ({ harness, run, runtime }) => {
    await run(harness.programs.sleepForever, {}, { name: "x" });
    for (const pattern of PATTERNS) await rejectsWith(["NOT_FOUND", "INVALID_ARGUMENT"], runtime.get(pattern));
  });

  promised("a name finds no other name that starts with it", async ({ harness, run, runtime }) => {
    for (const name of ["x", "xy", "x.y", "x-y"]) await run(harness.programs.sleepForever, {}, { name });
    for (const name of ["x", "xy", "x.y", "x-y"]) strictEqual((await runtime.get(name)).meta.name, name);
    await runtime.delete("x");
    await rejectsWith("NOT_FOUND", runtime.get("x"));
  });

  promised("a dot in a name is a dot", async ({ harness, run, runtime }) => {
    await run(harness.programs.sleepForever, {}, { name: "x1y" });
    await rejectsWith("NOT_FOUND", runtime.get("x.y"));
    await run(harness.programs.sleepForever, {}, { name: "x.y" });
    strictEqual((await runtime.get("x.y")).meta.name, "x.y");
    strictEqual((await runtime.get("x1y")).meta.name, "x1y");
  });

  promised("a name wins over an id prefix", async ({ harness, run, runtime }) => {
    const other = await run(harness.programs.sleepForever);
    const name = other.status.id.slice(0, 6);
    const named = await run(harness.programs.sleepForever, {}, { name });
    strictEqual((await runtime.get(name)).status.id, named.status.id);
  });

  promised("AMBIGUOUS_ID for a prefix of two ids, with both", async (stage) => {
    const [first, second, prefix] = await twoWithOnePrefix(stage);
    await rejectsWith("AMBIGUOUS_ID", stage.runtime.get(prefix), [first.status.id, second.status.id]);
    await rejectsWith("AMBIGUOUS_ID", stage.runtime.stop(prefix));
    await rejectsWith("AMBIGUOUS_ID", stage.runtime.delete(prefix));
    strictEqual((await stage.runtime.get(first.status.id)).status.phase, "running");
    strictEqual((await stage.runtime.get(second.status.id)).status.phase, "running");
  });
}

/** Ids are hexadecimal, so of seventeen two at the latest start with the same digit; half of the time six are enough. */
async function twoWithOnePrefix(stage: Stage): Promise<[Container, Container, string]> {
  const byDigit = new Map<string, Container>();
  for (;;) {
    const container = await stage.run(stage.harness.programs.sleepForever);
    const digit = container.status.id.slice(0, 1);
    const earlier = byDigit.get(digit);
    if (earlier !== undefined) return [earlier, container, digit];
    byDigit.set(digit, container);
  }
}
