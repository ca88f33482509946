import { strictEqual } from "node:assert/strict";
import { rejectsWith } from "./rejections.js";
import type { Promised } from "./stage.js";

export function killContract(promised: Promised): void {
  promised("ends the process at once, and returns when it is gone", async ({ harness, runtime, runUntilReady }) => {
    const { status } = await runUntilReady(harness.programs.exitOnTermWith(3));
    await runtime.kill(status.id);
    const killed = await runtime.get(status.id);
    strictEqual(killed.status.phase, "exited");
    strictEqual(killed.status.exitCode, 137);
    strictEqual(killed.status.pid, undefined);
  });

  promised("sends another signal where it is told to", async ({ harness, runtime, runUntilReady, untilExited }) => {
    for (const killSignal of ["SIGTERM", "term", "15"]) {
      const { status } = await runUntilReady(harness.programs.exitOnTermWith(6));
      await runtime.kill(status.id, { killSignal });
      strictEqual((await untilExited(status.id)).status.exitCode, 6);
    }
  });

  promised("does not escalate another signal", async ({ harness, runtime, runUntilReady }) => {
    const { status } = await runUntilReady(harness.programs.ignoreTermThenSleep);
    await runtime.kill(status.id, { killSignal: "TERM" });
    strictEqual((await runtime.get(status.id)).status.phase, "running");
  });

  promised("leaves a container that has exited as it is", async ({ harness, runtime, runToItsEnd }) => {
    const { status } = await runToItsEnd(harness.programs.exitWith(9));
    await runtime.kill(status.id);
    strictEqual((await runtime.get(status.id)).status.exitCode, 9);
  });

  promised("INVALID_ARGUMENT for a signal that does not exist, and the container runs on", async (stage) => {
    const { meta } = await stage.run(stage.harness.programs.sleepForever);
    for (const killSignal of ["SIGNAL", "", "0", "65", "TERM; reboot"]) {
      await rejectsWith("INVALID_ARGUMENT", stage.runtime.kill(meta.name, { killSignal }));
    }
    strictEqual((await stage.runtime.get(meta.name)).status.phase, "running");
  });

  promised("NOT_FOUND for what does not exist", async ({ runtime }) => {
    await rejectsWith("NOT_FOUND", runtime.kill("nothing"), ["nothing"]);
  });
}
