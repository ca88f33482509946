import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  canSupervise,
  hasLogs,
  type LogEntry,
  type Logs,
  type LogsOptions,
  type Runtime,
  type Supervise,
} from "@voiyd/runtime-api";
import { rejectsWith } from "./rejections.js";
import type { Promised } from "./stage.js";

export function logsContract(promised: Promised): void {
  promised("gives the lines of both streams, the last one without its end", async (stage) => {
    const { meta } = await stage.runToItsEnd(stage.harness.programs.print("one\n\nthree", "error\n"));
    for (const follow of [true, false]) {
      const entries = await collect(stage.runtime, meta.name, { follow });
      deepStrictEqual(linesOf(entries, "stdout"), ["one\n", "\n", "three"]);
      deepStrictEqual(linesOf(entries, "stderr"), ["error\n"]);
      strictEqual(entries.length, 4);
    }
  });

  promised("gives the streams that are asked for, and the last lines", async (stage) => {
    const { status } = await stage.runToItsEnd(stage.harness.programs.print("a\nb\nc\n", "d\n"));
    const ask = async (options: LogsOptions): Promise<string[]> =>
      linesOf(await collect(stage.runtime, status.id, { follow: true, ...options }), "stdout");
    deepStrictEqual(await ask({ streams: ["stdout"] }), ["a\n", "b\n", "c\n"]);
    deepStrictEqual(await ask({ streams: ["stderr"] }), []);
    deepStrictEqual(await ask({ streams: ["stdout"], tail: 2 }), ["b\n", "c\n"]);
    deepStrictEqual(await ask({ streams: ["stdout"], tail: 9 }), ["a\n", "b\n", "c\n"]);
    deepStrictEqual(await ask({ tail: 0 }), []);
  });

  promised("refuses what does not exist, and a tail that is no number of lines", async (stage) => {
    await rejectsWith("NOT_FOUND", collect(stage.runtime, "nothing", {}), ["nothing"]);
    const { meta } = await stage.run(stage.harness.programs.sleepForever);
    for (const tail of [-1, 1.5, Number.NaN])
      await rejectsWith("INVALID_ARGUMENT", collect(stage.runtime, meta.name, { tail }), ["tail"]);
  });
}

/** For runtimes that have the capability `supervise` too. */
export function logsOverRestartsContract(promised: Promised): void {
  promised("followed, go on over restarts by a policy, and end when the owner ends the container", async (stage) => {
    const { harness, runtime } = stage;
    await using supervision = supervising(runtime).supervise();
    await supervision.active;
    // Asked by a signal that is not its stop signal, it ends by itself.
    const config = { restartPolicy: { name: "always" }, stopSignal: "SIGUSR1" } as const;
    const { status } = await stage.run(harness.programs.printOnTerm("up\n", "down\n"), config);
    const seen: string[] = [];
    for await (const entry of reading(runtime).logs(status.id, { follow: true, streams: ["stdout"] })) {
      seen.push(...linesOf([entry], "stdout"));
      if (seen.length === 1 || seen.length === 3) await runtime.kill(status.id, { killSignal: "SIGTERM" });
      if (seen.length === 5) await runtime.stop(status.id, { timeoutMs: 0 });
    }
    deepStrictEqual(seen, ["up\n", "down\n", "up\n", "down\n", "up\n"]);
  });

  promised("followed, end with the life after which the policy lets the container be", async (stage) => {
    const { harness, runtime } = stage;
    await using supervision = supervising(runtime).supervise();
    await supervision.active;
    const config = { restartPolicy: { name: "on-failure", maxRetries: 1 } } as const;
    const well = await stage.run(harness.programs.print("once\n", ""), config);
    deepStrictEqual(linesOf(await collect(runtime, well.status.id, { follow: true }), "stdout"), ["once\n"]);
    const badly = await stage.run(harness.programs.exitWith(4), config);
    deepStrictEqual(await collect(runtime, badly.status.id, { follow: true }), []);
    const { restartCount, restartAt, phase } = (await runtime.get(badly)).status;
    deepStrictEqual([restartCount, restartAt, phase], [1, undefined, "exited"]);
  });
}

async function collect(runtime: Runtime, container: string, options: LogsOptions): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of reading(runtime).logs(container, options)) entries.push(entry);
  return entries;
}

function linesOf(entries: readonly LogEntry[], stream: "stdout" | "stderr"): string[] {
  return entries.flatMap((entry) =>
    entry.kind === "line" && entry.stream === stream ? [Buffer.from(entry.line).toString()] : [],
  );
}

function reading(runtime: Runtime): Logs {
  if (!hasLogs(runtime)) throw new Error("the runtime was declared to have the capability `logs`");
  return runtime;
}

function supervising(runtime: Runtime): Supervise {
  if (!canSupervise(runtime)) throw new Error("the runtime was declared to have the capability `supervise`");
  return runtime;
}
