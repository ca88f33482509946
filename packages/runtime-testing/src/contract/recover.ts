import { ok, strictEqual } from "node:assert/strict";
import { canRecover, type Recover, type Runtime } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function recoverContract(promised: Promised): void {
  promised("leaves every container as it is, and finds nothing the second time", async (stage) => {
    const { harness, runtime } = stage;
    const { status } = await stage.run(harness.programs.sleepForever);
    await withRecover(runtime).recover();
    assertSame(await withRecover(runtime).recover(), { dryRun: false, found: [], done: [], failed: [] });
    strictEqual((await runtime.get(status.id)).status.phase, "running");
  });

  promised("does nothing in a dry run", async ({ runtime }) => {
    const report = await withRecover(runtime).recover({ dryRun: true });
    ok(report.dryRun);
    assertSame(report.done, []);
  });

  promised("rejects with the reason of an aborted signal", async ({ runtime }) => {
    const reason = new Error("changed my mind");
    await rejectsWithReason(reason, withRecover(runtime).recover({ signal: AbortSignal.abort(reason) }));
  });
}

function withRecover(runtime: Runtime): Recover {
  if (!canRecover(runtime)) throw new Error("the runtime was declared to have the capability `recover`");
  return runtime;
}
