import { ok, strictEqual } from "node:assert/strict";
import { types } from "node:util";
import type { Runtime, Wait } from "@voiyd/runtime-api";
import { canWait, isRuntimeError } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function waitContract(promised: Promised): void {
  promised("resolves with the exit, before and after it happens", async ({ harness, runtime, run }) => {
    const { meta, status } = await run(harness.programs.exitWith(12));
    for (const ref of [meta.name, status.id, status.id.slice(0, 16)]) {
      const exit = await waiting(runtime).wait(ref);
      strictEqual(exit.exitCode, 12);
      ok(types.isDate(exit.exitedAt), "exitedAt is a date");
    }
    strictEqual((await runtime.get(meta.name)).status.exitCode, 12);
  });

  promised("has many waiters, who all learn the same", async ({ harness, runtime, runUntilReady }) => {
    const container = await runUntilReady(harness.programs.exitOnTermWith(21));
    const waiters = Array.from({ length: 10 }, async () => waiting(runtime).wait(container));
    await runtime.stop(container, { timeoutMs: Infinity });
    assertSame(
      (await Promise.all(waiters)).map(({ exitCode }) => exitCode),
      Array.from({ length: 10 }, () => 21),
    );
  });

  promised("tells a process that was killed by its signal", async ({ harness, runtime, run }) => {
    const container = await run(harness.programs.sleepForever);
    const exit = waiting(runtime).wait(container);
    await runtime.kill(container);
    strictEqual((await exit).exitCode, 137);
  });

  promised("NOT_FOUND for what does not exist", async ({ runtime }) => {
    await rejectsWith("NOT_FOUND", waiting(runtime).wait("nothing"), ["nothing"]);
  });

  promised("ends when the container is deleted", async ({ harness, runtime, run }) => {
    const container = await run(harness.programs.sleepForever);
    const outcome = waiting(runtime)
      .wait(container)
      .then(
        ({ exitCode }) => exitCode === 137 || exitCode === "unknown",
        (error: unknown) => isRuntimeError(error, "NOT_FOUND"),
      );
    await runtime.delete(container);
    strictEqual(await outcome, true, "killed, unknown or NOT_FOUND");
  });

  promised("an abort ends the wait, and not the container", async ({ harness, runtime, run }) => {
    const { meta } = await run(harness.programs.sleepForever);
    const abort = new AbortController();
    const reason = new Error("waited long enough");
    const ended = rejectsWithReason(reason, waiting(runtime).wait(meta.name, { signal: abort.signal }));
    abort.abort(reason);
    await ended;
    await rejectsWithReason(reason, waiting(runtime).wait(meta.name, { signal: abort.signal }));
    strictEqual((await runtime.get(meta.name)).status.phase, "running");
  });
}

function waiting(runtime: Runtime): Wait {
  if (!canWait(runtime)) throw new Error("the runtime was declared to have the capability `wait`");
  return runtime;
}
