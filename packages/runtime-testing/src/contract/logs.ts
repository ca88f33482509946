import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hasLogs, type LogEntry, type Logs, type LogsOptions, type Runtime } from "@voiyd/runtime-api";
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
