import { ok, strictEqual } from "node:assert/strict";
import { isRuntimeError } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import type { Promised } from "./stage.js";

const AT_ONCE = 10;

export function concurrencyContract(promised: Promised): void {
  promised("of ten runs with one name exactly one wins", async ({ harness, names, request, runtime }) => {
    const one = request(harness.programs.sleepForever);
    const outcomes = await Promise.allSettled(Array.from({ length: AT_ONCE }, async () => runtime.run(one)));
    const winners = outcomes.filter(({ status }) => status === "fulfilled");
    const losers = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }): unknown => reason);
    strictEqual(winners.length, 1, "exactly one run has won");
    for (const reason of losers) ok(isRuntimeError(reason, "NAME_IN_USE"), `a loser rejected with ${String(reason)}`);
    assertSame(await names(), [one.meta.name]);
    strictEqual((await runtime.get(one.meta.name)).status.phase, "running");
  });

  promised("runs with different names do not disturb each other", async ({ harness, names, request, runtime }) => {
    const requests = Array.from({ length: AT_ONCE }, () => request(harness.programs.sleepForever));
    const containers = await Promise.all(requests.map(async (one) => runtime.run(one)));
    strictEqual(new Set(containers.map(({ status }) => status.id)).size, AT_ONCE, "every container has its own id");
    assertSame(await names(), requests.map(({ meta }) => meta.name).sort());
    await Promise.all(containers.map(async (container) => runtime.delete(container)));
    assertSame(await names(), []);
  });
}
