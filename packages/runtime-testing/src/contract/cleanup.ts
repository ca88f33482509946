import { strictEqual } from "node:assert/strict";
import { assertSame } from "./canonical.js";
import type { Promised, Stage } from "./stage.js";
import { textsOf } from "./streams.js";

export function cleanupContract(promised: Promised): void {
  promised("empties the log of a container that has exited, and keeps the container", async (stage) => {
    const { harness, runtime } = stage;
    const { meta, status } = await stage.runToItsEnd(harness.programs.print("to the one", "to the other"));
    assertSame(await logOf(stage, status.id), { stdout: "to the one", stderr: "to the other" });
    await runtime.cleanup(status.id);
    assertSame(await logOf(stage, status.id), { stdout: "", stderr: "" });
    const { phase, exitCode, ip } = (await runtime.get(meta.name)).status;
    assertSame([phase, exitCode, ip], ["exited", 0, undefined]);
  });

  promised("works while the process runs, which goes on", async (stage) => {
    const { harness, runtime } = stage;
    const { meta, status } = await stage.runUntilReady(harness.programs.exitOnTermWith(3));
    await runtime.cleanup(meta.name);
    const { stdout, stderr } = await runtime.io(status.id);
    assertSame(await textsOf({ stdout, stderr }), { stdout: "", stderr: "" });
    strictEqual((await runtime.get(status.id)).status.phase, "running");
    await runtime.stop(status.id, { timeoutMs: Infinity });
    strictEqual((await runtime.get(status.id)).status.exitCode, 3);
  });

  promised("can be repeated, and delete comes after it", async (stage) => {
    const { harness, runtime } = stage;
    const { meta, status } = await stage.run(harness.programs.sleepForever);
    await runtime.cleanup(status.id);
    await runtime.cleanup(status.id.slice(0, 16));
    await runtime.cleanup(meta.name);
    await runtime.delete(meta.name);
    assertSame(await stage.names(), []);
  });

  promised("leaves other containers as they are", async (stage) => {
    const { harness, runtime } = stage;
    const one = await stage.runToItsEnd(harness.programs.print("one", ""));
    const other = await stage.runToItsEnd(harness.programs.print("other", ""));
    assertSame(await logOf(stage, other.status.id), { stdout: "other", stderr: "" });
    await runtime.cleanup(one.status.id);
    assertSame(await logOf(stage, other.status.id), { stdout: "other", stderr: "" });
  });
}

/** Followed, so that it is complete. */
async function logOf(stage: Stage, id: string): Promise<{ stdout: string; stderr: string }> {
  return textsOf(await stage.runtime.io(id, { follow: true }));
}
