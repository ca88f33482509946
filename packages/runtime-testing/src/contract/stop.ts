import { strictEqual } from "node:assert/strict";
import { rejectsWith, rejectsWithReason } from "./rejections.js";
import type { Promised } from "./stage.js";
import { textsOf } from "./streams.js";

/** Long enough for a process to get and handle its signal, were it inclined to. */
const SHORT_MS = 200;
/** Where the outcome must not depend on how fast the machine is. */
const NEVER = { timeoutMs: Infinity };

export function stopContract(promised: Promised): void {
  promised("lets the process end by itself, and keeps its exit code", async ({ harness, runtime, runUntilReady }) => {
    const { status } = await runUntilReady(harness.programs.exitOnTermWith(3));
    await runtime.stop(status.id, NEVER);
    const stopped = await runtime.get(status.id);
    strictEqual(stopped.status.phase, "exited");
    strictEqual(stopped.status.exitCode, 3);
  });

  promised(
    "kills the process at the timeout, and does not return before",
    async ({ harness, runtime, runUntilReady }) => {
      const { status } = await runUntilReady(harness.programs.ignoreTermThenSleep);
      await runtime.stop(status.id, { timeoutMs: SHORT_MS });
      const stopped = await runtime.get(status.id);
      strictEqual(stopped.status.phase, "exited", "the process lives after stop");
      strictEqual(stopped.status.exitCode, 137);
    },
  );

  promised("with timeout 0 kills at once", async ({ harness, runtime, runUntilReady }) => {
    const { status } = await runUntilReady(harness.programs.ignoreTermThenSleep);
    await runtime.stop(status.id, { timeoutMs: 0 });
    strictEqual((await runtime.get(status.id)).status.exitCode, 137);
  });

  promised("takes timeout and signal from the configuration", async ({ harness, runtime, runUntilReady }) => {
    const impatient = await runUntilReady(harness.programs.ignoreTermThenSleep, { stopTimeoutMs: 0 });
    await runtime.stop(impatient);
    strictEqual((await runtime.get(impatient)).status.exitCode, 137);
    const harsh = await runUntilReady(harness.programs.exitOnTermWith(3), { stopSignal: "SIGKILL" });
    await runtime.stop(harsh, NEVER);
    strictEqual((await runtime.get(harsh)).status.exitCode, 137);
  });

  promised("takes timeout and signal from its options first", async ({ harness, runtime, runUntilReady }) => {
    const config = { stopTimeoutMs: 0, stopSignal: "SIGKILL" };
    const { status } = await runUntilReady(harness.programs.exitOnTermWith(5), config);
    await runtime.stop(status.id, { ...NEVER, stopSignal: "TERM" });
    strictEqual((await runtime.get(status.id)).status.exitCode, 5);
  });

  promised("leaves a container that has exited as it is", async ({ harness, runtime, runToItsEnd }) => {
    const before = await runToItsEnd(harness.programs.exitWith(9));
    await runtime.stop(before);
    await runtime.stop(before.meta.name, { timeoutMs: 0 });
    const { exitCode, exitedAt, phase } = (await runtime.get(before)).status;
    strictEqual(phase, "exited");
    strictEqual(exitCode, 9);
    strictEqual(exitedAt?.getTime(), before.status.exitedAt?.getTime());
  });

  promised("NOT_FOUND for what does not exist", async ({ runtime }) => {
    await rejectsWith("NOT_FOUND", runtime.stop("nothing"), ["nothing"]);
  });

  promised("INVALID_ARGUMENT for a signal that does not exist, and the container runs on", async (stage) => {
    const { meta } = await stage.run(stage.harness.programs.sleepForever);
    await rejectsWith("INVALID_ARGUMENT", stage.runtime.stop(meta.name, { stopSignal: "SIGNAL" }));
    strictEqual((await stage.runtime.get(meta.name)).status.phase, "running");
  });

  promised("two at once both succeed", async ({ harness, runtime, runUntilReady }) => {
    const { status } = await runUntilReady(harness.programs.exitOnTermWith(3));
    await Promise.all([runtime.stop(status.id, NEVER), runtime.stop(status.id, NEVER)]);
    strictEqual((await runtime.get(status.id)).status.exitCode, 3);
  });

  promised("an abort leaves the container running", async ({ harness, runtime, runUntilReady }) => {
    const { status } = await runUntilReady(harness.programs.ignoreTermThenSleep);
    const abort = new AbortController();
    const reason = new Error("changed my mind");
    const stopping = rejectsWithReason(reason, runtime.stop(status.id, { ...NEVER, signal: abort.signal }));
    setTimeout(() => {
      abort.abort(reason);
    }, SHORT_MS);
    await stopping;
    strictEqual((await runtime.get(status.id)).status.phase, "running");
  });

  promised("frees the process and nothing else: the log stays", async ({ harness, runtime, runUntilReady }) => {
    const { meta } = await runUntilReady(harness.programs.exitOnTermWith(0));
    await runtime.stop(meta.name, NEVER);
    strictEqual((await textsOf(await runtime.io(meta.name, { follow: true }))).stdout, "ready\n");
  });
}
