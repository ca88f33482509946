import { setTimeout as pause } from "node:timers/promises";
import { strictEqual } from "node:assert/strict";
import { assertSame } from "./canonical.js";
import { rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

/** Moments within a `run`, in milliseconds after its call: samples, for no outcome depends on where they fall. */
const MOMENTS = [0, 1, 3, 10, 30, 60, 100, 200];

export function abortContract(promised: Promised): void {
  promised("an aborted run has touched nothing", async ({ harness, names, request, runtime }) => {
    const reason = new Error("too late");
    const one = request(harness.programs.sleepForever);
    await rejectsWithReason(reason, runtime.run(one, { signal: AbortSignal.abort(reason) }));
    assertSame(await names(), []);
    strictEqual((await runtime.run(one)).status.phase, "running");
  });

  promised("an abort right after the call makes run leave nothing", async ({ harness, names, request, runtime }) => {
    const reason = { not: "an error" };
    const one = request(harness.programs.sleepForever);
    const abort = new AbortController();
    const running = rejectsWithReason(reason, runtime.run(one, { signal: abort.signal }));
    abort.abort(reason);
    await running;
    assertSame(await names(), []);
    strictEqual((await runtime.run(one)).status.phase, "running");
  });

  promised("an abort at any moment makes run win or leave nothing", async ({ harness, names, request, runtime }) => {
    for (const moment of MOMENTS) {
      const one = request(harness.programs.sleepForever);
      const abort = new AbortController();
      const reason = new Error(`after ${String(moment)} ms`);
      const outcome = runtime.run(one, { signal: abort.signal }).then(
        (container) => container.status.phase,
        (error: unknown) => error,
      );
      await pause(moment);
      abort.abort(reason);
      const result = await outcome;
      if (result === "running") await runtime.delete(one);
      else strictEqual(result, reason);
      assertSame(await names(), [], `something is left after an abort at ${String(moment)} ms`);
    }
  });

  promised("every method rejects with the reason of an aborted signal", async ({ harness, request, run, runtime }) => {
    const { meta } = await run(harness.programs.sleepForever);
    const reason = new Error("changed my mind");
    const options = { signal: AbortSignal.abort(reason) };
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      list: () => runtime.list(options),
      get: () => runtime.get(meta.name, options),
      stop: () => runtime.stop(meta.name, options),
      kill: () => runtime.kill(meta.name, options),
      delete: () => runtime.delete(meta.name, options),
      cleanup: () => runtime.cleanup(meta.name, options),
      pull: () => runtime.pull(request(harness.programs.sleepForever), options),
      labels: () => runtime.labels(meta.name, options),
      io: () => runtime.io(meta.name, options),
      version: () => runtime.version(options),
      id: () => runtime.id(meta.name, options),
      name: () => runtime.name(meta.name, options),
    };
    for (const [name, call] of Object.entries(calls)) {
      const error = await call().then(
        () => "resolved",
        (rejection: unknown) => rejection,
      );
      strictEqual(error, reason, `${name} did not reject with the reason`);
    }
    strictEqual((await runtime.get(meta.name)).status.phase, "running");
  });
}
