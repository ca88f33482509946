import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { baseEnvironment } from "./environment.js";
import { InlineExecutor } from "./executor.js";
import { OUTPUT_LIMIT_BYTES, runProcess } from "./run-process.js";

const node = (
  script: string,
  ...args: readonly string[]
): { file: string; args: readonly string[]; env: Readonly<Record<string, string>> } => ({
  file: process.execPath,
  args: ["-e", script, ...args],
  env: baseEnvironment(),
});
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "voiyd-process-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe("a program", () => {
  test("reads its input, and its outputs are kept apart", async () => {
    const outcome = await runProcess({
      ...node("process.stdin.pipe(process.stdout); console.error('log')"),
      stdin: "hello",
    });
    expect(outcome).toMatchObject({ exitCode: 0, signal: null, stdout: "hello", stderr: "log\n", overflowed: false });
  });

  test("need not read its input", async () => {
    const outcome = await runProcess({
      ...node("process.stdin.destroy(); process.exitCode = 3"),
      stdin: "x".repeat(1 << 20),
    });
    expect(outcome.exitCode).toBe(3);
  });

  test("that writes without end is ended", async () => {
    const outcome = await runProcess(
      node(
        "const b = 'x'.repeat(65536); const w = () => { while (process.stdout.write(b)); process.stdout.once('drain', w); }; w()",
      ),
    );
    expect([outcome.overflowed, outcome.signal]).toEqual([true, "SIGKILL"]);
    expect(outcome.stdout.length).toBeLessThanOrEqual(OUTPUT_LIMIT_BYTES);
  });

  test("is ended on abort with everything that it has started", async () => {
    const file = join(dir, "grandchild");
    const grandchild = "setInterval(() => 0, 1e6); require('fs').writeFileSync(process.argv[1], String(process.pid))";
    const script = `process.on('SIGTERM', () => 0); require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}, process.argv[1]], { stdio: 'inherit' }); setInterval(() => 0, 1e6)`;
    const controller = new AbortController();
    const running = runProcess({ ...node(script, file), signal: controller.signal, graceMs: 0 });
    while (!existsSync(file) || readFileSync(file, "utf8") === "")
      await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    expect((await running).signal).toBe("SIGKILL");
    const pid = Number(readFileSync(file, "utf8"));
    // The dead are reaped by init in its own time: a zombie has no command line.
    const commandLine = existsSync(`/proc/${String(pid)}/cmdline`)
      ? readFileSync(`/proc/${String(pid)}/cmdline`, "utf8")
      : "";
    expect(commandLine).toBe("");
  });

  test("may end by itself within the grace", async () => {
    const controller = new AbortController();
    const running = runProcess({
      ...node("process.stdin.resume().on('end', () => console.log('done'))"),
      signal: controller.signal,
      graceMs: 20_000,
    });
    controller.abort();
    expect((await running).stdout).toBe("done\n");
  });

  test("that does not exist is an error with a code", async () => {
    await expect(runProcess({ file: join(dir, "nothing"), env: {} })).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("that is being written is waited for", async () => {
    const file = join(dir, "plugin");
    writeFileSync(file, "#!/bin/sh\necho ready\n", { mode: 0o755 });
    const writing = openSync(file, "a");
    const running = runProcess({ file, env: baseEnvironment() });
    setImmediate(() => closeSync(writing));
    expect((await running).stdout).toBe("ready\n");
  });
});

describe("the environment", () => {
  test("ends its path with the system's folders, and inherits nothing else", () => {
    const env = baseEnvironment({ PATH: "/x:relative::/usr/bin", SECRET: "s", TRACEPARENT: "t" });
    expect(env).toEqual({
      PATH: "/x:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin",
      LC_ALL: "C",
      TRACEPARENT: "t",
    });
  });
});

describe("finding a plugin", () => {
  test("takes the first regular file", async () => {
    writeFileSync(join(dir, "bridge"), "");
    const executor = new InlineExecutor();
    expect((await executor.find("bridge", [join(dir, "none"), dir]))?.path).toBe(join(dir, "bridge"));
    expect(await executor.find("portmap", [dir])).toBeUndefined();
  });
});
