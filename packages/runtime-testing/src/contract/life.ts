import { strictEqual } from "node:assert/strict";
import type { Edit, Exec, ExecRequest, Lifecycle, Pause, Runtime } from "@voiyd/runtime-api";
import { canEdit, canExec, canPause, canWait, hasLifecycle } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import { rejectsWith } from "./rejections.js";
import type { Promised } from "./stage.js";
import { textsOf } from "./streams.js";

export function lifecycleContract(promised: Promised): void {
  promised(
    "create makes what start starts, and start starts again",
    async ({ harness, runtime, request, untilExited }) => {
      const verbs = withLifecycle(runtime);
      const created = await verbs.create(request(harness.programs.exitWith(5)));
      assertSame([created.status.phase, created.status.pid], ["created", undefined]);
      if (canWait(runtime)) strictEqual((await runtime.wait(created)).exitCode, "unknown");
      await rejectsWith(
        "NAME_IN_USE",
        verbs.create(request(harness.programs.exitWith(0), {}, { name: created.meta.name })),
      );
      for (let life = 0; life < 2; life++) {
        strictEqual((await verbs.start(created)).status.id, created.status.id);
        strictEqual((await untilExited(created.status.id)).status.exitCode, 5);
      }
    },
  );

  promised("start leaves what runs alone, restart does not", async ({ harness, runtime, run }) => {
    const verbs = withLifecycle(runtime);
    const container = await run(harness.programs.sleepForever);
    strictEqual((await verbs.start(container)).status.pid, container.status.pid);
    const again = await verbs.restart(container, { timeoutMs: 0 });
    assertSame([again.status.phase, again.status.id], ["running", container.status.id]);
    strictEqual(again.status.pid === container.status.pid, false);
  });

  promised("a final wait lasts beyond a restart, until the end that follows", async ({ harness, runtime, run }) => {
    if (!canWait(runtime)) return;
    const container = await run(harness.programs.sleepForever);
    let hasEnded = false;
    const exit = runtime.wait(container, { final: true }).finally(() => {
      hasEnded = true;
    });
    exit.catch(() => undefined);
    await withLifecycle(runtime).restart(container, { timeoutMs: 0 });
    // A wait that takes the restart for the end says so before what is asked for after it.
    await runtime.get(container);
    strictEqual(hasEnded, false, "the restart was taken for the end");
    await runtime.stop(container, { timeoutMs: 0 });
    strictEqual((await exit).exitCode, 137);
  });

  promised("NOT_FOUND for what does not exist", async ({ runtime }) => {
    await rejectsWith("NOT_FOUND", withLifecycle(runtime).start("nothing"), ["nothing"]);
    await rejectsWith("NOT_FOUND", withLifecycle(runtime).restart("nothing"), ["nothing"]);
  });
}

export function execContract(promised: Promised): void {
  promised("gives the output and the exit code of a further process", async ({ harness, runtime, run }) => {
    const container = await run(harness.programs.sleepForever);
    const outcome = async (request: ExecRequest): Promise<readonly unknown[]> => {
      const process = await withExec(runtime).exec(container, request);
      const [{ stdout, stderr }, { exitCode }] = await Promise.all([textsOf(process), process.exited]);
      return [exitCode, stdout, stderr];
    };
    assertSame(await outcome({ args: harness.programs.exitWith(9) }), [9, "", ""]);
    assertSame(await outcome({ args: harness.programs.print("out", "err") }), [0, "out", "err"]);
    const envvars = [{ name: "GIVEN", value: "yes" }];
    assertSame(await outcome({ args: harness.programs.printVariable("GIVEN"), envvars }), [0, "yes\n", ""]);
    assertSame(await outcome({ args: harness.programs.printWorkingDir, workingDir: "/tmp" }), [0, "/tmp\n", ""]);
  });

  promised("refuses what cannot be started", async ({ harness, runtime, run, runToItsEnd }) => {
    const { exec } = { exec: withExec(runtime).exec.bind(runtime) };
    const container = await run(harness.programs.sleepForever);
    await rejectsWith("COMMAND_NOT_FOUND", exec(container, { args: harness.programs.commandThatDoesNotExist }));
    await rejectsWith("COMMAND_NOT_EXECUTABLE", exec(container, { args: harness.programs.commandThatIsNotExecutable }));
    await rejectsWith("INVALID_ARGUMENT", exec(container, { args: [] }));
    await rejectsWith("NOT_FOUND", exec("nothing", { args: harness.programs.exitWith(0) }));
    const ended = await runToItsEnd(harness.programs.exitWith(0));
    await rejectsWith("FAILED_PRECONDITION", exec(ended, { args: harness.programs.exitWith(0) }));
  });
}

export function pauseContract(promised: Promised): void {
  promised("pause and resume change the phase, and refuse what is so already", async ({ harness, runtime, run }) => {
    const verbs = withPause(runtime);
    const container = await run(harness.programs.sleepForever);
    await rejectsWith("FAILED_PRECONDITION", verbs.resume(container));
    await verbs.pause(container);
    strictEqual((await runtime.get(container)).status.phase, "paused");
    await rejectsWith("FAILED_PRECONDITION", verbs.pause(container));
    await verbs.resume(container);
    strictEqual((await runtime.get(container)).status.phase, "running");
  });
}

export function editContract(promised: Promised): void {
  promised("update changes labels, and rename the name, of what runs", async ({ harness, runtime, run, request }) => {
    const verbs = withEdit(runtime);
    const container = await run(harness.programs.sleepForever, {}, { labels: { keep: "1", drop: "2" } });
    const { name } = request(harness.programs.exitWith(0)).meta;
    const changed = await verbs.update(container, { labels: { drop: null, add: "3" } });
    assertSame(changed.meta.labels, { keep: "1", add: "3" });
    const renamed = await verbs.rename(container, name);
    assertSame([renamed.meta.name, renamed.meta.revision], [name, 3]);
    strictEqual((await runtime.get(name)).status.id, container.status.id);
    await rejectsWith("NOT_FOUND", runtime.get(container.meta.name));
    await rejectsWith("INVALID_ARGUMENT", verbs.rename(name, "../x"));
  });
}

function declared(capability: string): Error {
  return new Error(`the runtime was declared to have the capability \`${capability}\``);
}

function withLifecycle(runtime: Runtime): Lifecycle {
  if (!hasLifecycle(runtime)) throw declared("lifecycle");
  return runtime;
}

function withExec(runtime: Runtime): Exec {
  if (!canExec(runtime)) throw declared("exec");
  return runtime;
}

function withPause(runtime: Runtime): Pause {
  if (!canPause(runtime)) throw declared("pause");
  return runtime;
}

function withEdit(runtime: Runtime): Edit {
  if (!canEdit(runtime)) throw declared("edit");
  return runtime;
}
