import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { types } from "node:util";
import type { Container, ContainerConfig } from "@voiyd/runtime-api";
import { CONTAINER_VERSION, isId } from "@voiyd/runtime-api";
import { assertSame } from "./canonical.js";
import type { Promised } from "./stage.js";
import { textsOf } from "./streams.js";

/** Keys that are ordinary data, however much they look like something else. */
export const HOSTILE_LABELS: Readonly<Record<string, string>> = Object.fromEntries([
  ["__proto__", "polluted"],
  ["constructor", "function"],
  ["toString", "text"],
  ["empty", ""],
  ["org.example/team", "a=b,c==d"],
  ['quote"and\\backslash', 'quote"and\\backslash'],
  ["line", "one\ntwo"],
  ["ünïcode", "✓ 容器"],
]);

export function runContract(promised: Promised): void {
  promised("resolves with the status of a running container", async ({ harness, run }) => {
    const before = Date.now();
    const { version, meta, status } = await run(harness.programs.sleepForever);
    strictEqual(version, CONTAINER_VERSION);
    strictEqual(status.phase, "running");
    ok(isId(status.id), `${status.id} is not an id`);
    ok(status.pid !== undefined && Number.isInteger(status.pid) && status.pid > 1, "status.pid is a process id");
    strictEqual(status.exitCode, undefined);
    strictEqual(status.exitedAt, undefined);
    strictEqual(meta.revision, 1);
    // A second of tolerance: the clock that stamps may be another process's.
    for (const [name, date] of Object.entries({
      created: meta.created,
      updated: meta.updated,
      started: status.startedAt,
    })) {
      ok(types.isDate(date), `${name} is a date`);
      ok(Math.abs(date.getTime() - before) < 60_000, `${name} is now: ${date.toISOString()}`);
    }
    ok(meta.updated >= meta.created, "updated is not before created");
  });

  promised("tells what the first process was started with", async ({ harness, run, runtime }) => {
    const { status } = await run(harness.programs.sleepForever);
    deepStrictEqual(status.command, harness.programs.sleepForever);
    deepStrictEqual((await runtime.get(status.id)).status.command, harness.programs.sleepForever);
  });

  promised("resolves with what get answers", async ({ harness, run, runtime }) => {
    const container = await run(harness.programs.sleepForever, {}, { labels: { role: "web" } });
    assertSame(lasting(await runtime.get(container.status.id)), lasting(container));
  });

  promised("keeps the whole request, and get and list give it back", async ({ request, harness, runtime }) => {
    const everything: Partial<ContainerConfig> = {
      envvars: [
        { name: "A", value: "1" },
        { name: "EMPTY", value: "" },
        { name: "B", value: 'two words, "quoted" = ✓\n' },
      ],
      workingDir: "/",
      hostname: "web-1.example",
      mounts: [{ type: "tmpfs", destination: "/run/scratch", size: 1_048_576, mode: 0o700 }],
      user: "0:0",
      privileged: false,
      capabilities: { add: ["NET_ADMIN"], drop: ["cap_mknod"] },
      resources: { pids: 64 },
      noNewPrivileges: true,
      stopSignal: "SIGTERM",
      stopTimeoutMs: 1234,
    };
    const asked = request(harness.programs.sleepForever, everything, { labels: HOSTILE_LABELS });
    const ran = await runtime.run(asked);
    const [listed] = await runtime.list();
    for (const container of [ran, await runtime.get(asked.meta.name), listed]) {
      strictEqual(container?.meta.name, asked.meta.name);
      assertSame(container.meta.labels, HOSTILE_LABELS);
      assertSame(container.config, asked.config);
    }
  });

  promised("does not keep or change the caller's object", async ({ request, harness, runtime }) => {
    const labels: Record<string, string> = { role: "web" };
    const asked = request(harness.programs.sleepForever, {}, { labels });
    const before = structuredClone(asked);
    await runtime.run(asked);
    assertSame(asked, before);
    labels["role"] = "changed later";
    assertSame(await runtime.labels(asked.meta.name), { role: "web" });
  });

  promised("runs a container object again, and ignores its status", async ({ harness, runToItsEnd, runtime }) => {
    const first = await runToItsEnd(harness.programs.exitWith(0));
    await runtime.delete(first);
    const second = await runtime.run(first);
    ok(second.status.id !== first.status.id, "the second container has an id of its own");
    strictEqual(second.meta.revision, 1);
    assertSame(second.config, first.config);
  });

  promised("replaces entrypoint and arguments", async ({ harness, runToItsEnd, runtime }) => {
    const [command = "", ...rest] = harness.programs.print("from the entrypoint", "");
    const { meta } = await runToItsEnd(rest, { entrypoint: [command] });
    const { stdout } = await textsOf(await runtime.io(meta.name, { follow: true }));
    strictEqual(stdout, "from the entrypoint");
  });

  promised("gives the process its environment and working directory", async ({ harness, runToItsEnd, runtime }) => {
    const variable = await runToItsEnd(harness.programs.printVariable("GREETING"), {
      envvars: [
        { name: "GREETING", value: "first" },
        { name: "GREETING", value: "hello = world" },
      ],
    });
    const folder = await runToItsEnd(harness.programs.printWorkingDir, { workingDir: "/tmp" });
    const ends = [variable, folder].map(async ({ meta }) => textsOf(await runtime.io(meta.name, { follow: true })));
    assertSame(
      (await Promise.all(ends)).map(({ stdout }) => stdout),
      ["hello = world\n", "/tmp\n"],
    );
  });

  promised("keeps the exit code and its time when the process has ended", async ({ harness, runToItsEnd }) => {
    for (const code of [0, 7, 255]) {
      const { meta, status } = await runToItsEnd(harness.programs.exitWith(code));
      strictEqual(status.phase, "exited");
      strictEqual(status.exitCode, code);
      strictEqual(status.pid, undefined, "no process id once the process is gone");
      ok(types.isDate(status.exitedAt) && status.exitedAt >= meta.created, "exitedAt is a date after created");
    }
  });
}

/** Without what may change while a container runs and nobody touches it. */
function lasting(container: Container): unknown {
  const { name, labels, created } = container.meta;
  return { ...container, meta: { name, labels, created } };
}
