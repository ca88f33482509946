import { ok, strictEqual } from "node:assert/strict";
import type { ContainerStats, Runtime, Stats, StatsOptions } from "@voiyd/runtime-api";
import { hasStats } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";

export function statsContract(promised: Promised): void {
  promised("a measurement of what runs, at each interval", async ({ harness, runtime, run, runToItsEnd }) => {
    const container = await run(harness.programs.sleepForever);
    await runToItsEnd(harness.programs.exitWith(0));
    for (const stats of await first(runtime, 2, { intervalMs: 20 })) {
      assertSame(
        stats.map(({ id, name }) => [id, name]),
        [[container.status.id, container.meta.name]],
      );
      const [{ cpuPercent, memoryUsage, memoryLimit, pids } = {}] = stats;
      ok(cpuPercent !== undefined && cpuPercent >= 0, "a share of the CPU");
      ok(
        memoryUsage !== undefined && memoryLimit !== undefined && memoryUsage <= memoryLimit,
        "memory within its limit",
      );
      ok(pids !== undefined && pids >= 1, "a process");
    }
  });

  promised("of those that are asked for, whether they run or not", async ({ harness, runtime, run, runToItsEnd }) => {
    const one = await run(harness.programs.sleepForever);
    await run(harness.programs.sleepForever);
    const ended = await runToItsEnd(harness.programs.exitWith(0));
    const [stats] = await first(runtime, 1, { intervalMs: 20, containers: [one, ended.meta.name] });
    strictEqual(stats?.map(({ name }) => name).join(), one.meta.name);
  });

  promised("refusals and abort", async ({ runtime }) => {
    await rejectsWith("NOT_FOUND", first(runtime, 1, { containers: ["nothing"] }), ["nothing"]);
    await rejectsWith("INVALID_ARGUMENT", first(runtime, 1, { intervalMs: 0 }));
    const reason = new Error("seen enough");
    await rejectsWithReason(reason, first(runtime, 1, { signal: AbortSignal.abort(reason) }));
  });
}

async function first(runtime: Runtime, count: number, options: StatsOptions): Promise<(readonly ContainerStats[])[]> {
  const seen: (readonly ContainerStats[])[] = [];
  for await (const stats of withStats(runtime).stats(options)) if (seen.push(stats) === count) break;
  return seen;
}

function withStats(runtime: Runtime): Stats {
  if (!hasStats(runtime)) throw new Error("the runtime was declared to have the capability `stats`");
  return runtime;
}
