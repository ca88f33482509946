import { strictEqual } from "node:assert/strict";
import type { Runtime, Supervise } from "@voiyd/runtime-api";
import { canSupervise, canWait } from "@voiyd/runtime-api";
import type { Promised } from "./stage.js";
import { waitUntil } from "./wait-until.js";

export function superviseContract(promised: Promised): void {
  promised("what ends by itself is started again by its policy, and counted", async ({ harness, runtime, run }) => {
    await using supervision = withSupervise(runtime).supervise();
    await supervision.active;
    const restartPolicy = { name: "on-failure", maxRetries: 2 } as const;
    const { status } = await run(harness.programs.exitWith(5), { restartPolicy });
    await waitUntil(async () => {
      const { restartCount, phase, restartAt } = (await runtime.get(status.id)).status;
      return restartCount === 2 && phase === "exited" && restartAt === undefined;
    });
    strictEqual((await runtime.get(status.id)).status.exitCode, 5);
  });

  promised("a final wait ends with the end that its policy lets be the last", async ({ harness, runtime, run }) => {
    if (!canWait(runtime)) return;
    await using supervision = withSupervise(runtime).supervise();
    await supervision.active;
    const restartPolicy = { name: "on-failure", maxRetries: 1 } as const;
    const { status } = await run(harness.programs.exitWith(7), { restartPolicy });
    strictEqual((await runtime.wait(status.id, { final: true })).exitCode, 7);
    strictEqual((await runtime.get(status.id)).status.restartCount, 1);
  });

  promised("what its owner has stopped stays down", async ({ harness, runtime, run }) => {
    await using supervision = withSupervise(runtime).supervise();
    await supervision.active;
    const restartPolicy = { name: "always" } as const;
    const stopped = await run(harness.programs.sleepForever, { restartPolicy });
    await runtime.stop(stopped, { timeoutMs: 0 });
    const witness = await run(harness.programs.exitWith(0), { restartPolicy });
    await waitUntil(async () => ((await runtime.get(witness)).status.restartCount ?? 0) >= 2);
    await runtime.stop(witness, { timeoutMs: 0 });
    const after = await runtime.get(stopped);
    strictEqual(after.status.phase, "exited");
    strictEqual(after.status.restartCount, undefined);
  });

  promised("ends when nobody needs it, and when it is disposed of", async ({ runtime }) => {
    await withSupervise(runtime).supervise({ until: "idle" }).ended;
    const supervision = withSupervise(runtime).supervise();
    await supervision.active;
    await supervision[Symbol.asyncDispose]();
    await supervision.ended;
  });
}

function withSupervise(runtime: Runtime): Supervise {
  if (canSupervise(runtime)) return runtime;
  throw new Error("the runtime was declared to have the capability `supervise`");
}
