import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BrokerExecutor } from "./broker-executor.js";
import type { PluginInvocation } from "./executor.js";
import { OUTPUT_LIMIT_BYTES } from "./run-process.js";

describe("plugins in a process of their own", () => {
  let dir: string;
  let executor: BrokerExecutor;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "voiyd-broker-"));
    executor = new BrokerExecutor();
  });
  afterEach(async () => {
    await executor[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  });

  function plugin(script: string): PluginInvocation {
    const path = join(dir, "plugin");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return { path, env: { CNI_COMMAND: "ADD" }, stdin: '{"a":1}', graceMs: 0 };
  }
  /** A plugin that tells its own pid and that of what it started, and then waits for ever. */
  function hanging(): PluginInvocation {
    return plugin(`sleep 1000 & echo "$$ $!" > ${dir}/pids.new; mv ${dir}/pids.new ${dir}/pids; wait`);
  }
  async function pids(): Promise<readonly number[]> {
    for (;;) {
      try {
        return readFileSync(join(dir, "pids"), "utf8").trim().split(" ").map(Number);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }
  async function untilGone(pid: number): Promise<void> {
    while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  test("they get their input and environment, and it is told how they ended", async () => {
    const outcome = await executor.exec(plugin('cat; echo "$CNI_COMMAND" >&2; echo $PPID; exit 3'));
    expect(outcome).toMatchObject({ exitCode: 3, signal: null, stderr: "ADD\n", overflowed: false });
    expect(outcome.stdout).toBe(`{"a":1}${String(executor.pid)}\n`);
    expect(executor.pid).not.toBe(process.pid);
  });

  test("many run at once, each with its own answer", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => executor.run({ file: "/bin/echo", args: [String(index)], env: {} })),
    );
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(
      Array.from({ length: 20 }, (_, index) => `${String(index)}\n`),
    );
  });

  test("an abort ends the plugin with everything that it started", async () => {
    const controller = new AbortController();
    const running = executor.exec({ ...hanging(), signal: controller.signal });
    const started = await pids();
    controller.abort();
    expect(await running).toMatchObject({ exitCode: null, signal: "SIGTERM" });
    await Promise.all(started.map(untilGone));
  });

  test("a plugin that writes too much is ended", async () => {
    const outcome = await executor.exec(plugin("yes"));
    expect(outcome).toMatchObject({ overflowed: true, signal: "SIGKILL" });
    expect(outcome.stdout.length).toBeLessThanOrEqual(OUTPUT_LIMIT_BYTES);
  });

  test("a program that is not there is told by its code", async () => {
    await expect(executor.exec({ ...plugin(""), path: join(dir, "absent") })).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a process that dies takes its plugins along, and is replaced", async () => {
    const running = executor.exec(hanging()).catch((error: unknown) => error);
    const started = await pids();
    const first = executor.pid ?? 0;
    process.kill(first, "SIGKILL");
    expect(await running).toMatchObject({ message: expect.stringContaining("has ended") });
    await Promise.all(started.map(untilGone));
    expect(await executor.exec(plugin("exit 0"))).toMatchObject({ exitCode: 0 });
    expect(executor.pid).not.toBe(first);
  });

  test("what it has started just before it dies ends as well", async () => {
    for (let round = 0; round < 20; round += 1) {
      rmSync(join(dir, "pids"), { force: true });
      const running = executor.exec(hanging()).catch((error: unknown) => error);
      // Between now and the plugin's first line lie the fork, the exec and everything that is told of them.
      const deadline = performance.now() + round * 2;
      while (performance.now() < deadline && !existsSync(join(dir, "pids")))
        await new Promise((resolve) => setTimeout(resolve, 1));
      process.kill(executor.pid ?? 0, "SIGKILL");
      expect(await running).toMatchObject({ message: expect.stringContaining("has ended") });
      expect(programsOf(dir)).toEqual([]);
    }
  });

  test("disposing it ends the process", async () => {
    await executor.exec(plugin("exit 0"));
    const pid = executor.pid ?? 0;
    await executor[Symbol.asyncDispose]();
    await untilGone(pid);
    expect(executor.pid).toBeUndefined();
  });
});

/** The command lines of the running programs of a folder. */
function programsOf(dir: string): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isRunning(Number(name)))
    .map(commandOf)
    .filter((command) => command.includes(`${dir}/`));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** A process that nobody has waited for yet is none any more. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  } catch {
    return false;
  }
}
