import { setMaxListeners } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { basename } from "node:path";
import { expect } from "@jest/globals";
import type { ExecProcess, ExecRequest } from "@voiyd/runtime-api";
import type { ContainerdRuntime } from "@voiyd/runtime-containerd";
import { refusal, textOf } from "../fixture/collect.js";
import { describeOnHost } from "../fixture/on-host.js";
import { until, withoutBox } from "./box.js";

/** Many at once; the long form is `VOIYD_EXECS=1000`, with at least 20 a second. */
const MANY = Number(process.env["VOIYD_EXECS"] ?? 100);

await describeOnHost("exec", (hostTest) => {
  const test = withoutBox(hostTest);
  test("runs a command in the container: its output, its exit code, its streams apart", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "host");
    expect(await outcome(runtime, { args: ["sh", "-c", "echo out; echo err >&2; exit 7"] })).toEqual({
      code: 7,
      stdout: "out\n",
      stderr: "err\n",
    });
    expect(await outcome(runtime, { args: ["sh", "-c", "kill -TERM $$"] })).toMatchObject({ code: 143 });
    expect(await outcome(runtime, { args: ["sh", "-c", "kill -KILL $$"] })).toMatchObject({ code: 137 });
  });

  test("user, directory, environment, privileged: each as asked for, the rest as in the container", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "box" },
      config: {
        image: stage.busybox,
        args: ["sleep", "1000"],
        network: "none",
        workingDir: "/tmp",
        envvars: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
        capabilities: { drop: ["ALL"], add: ["CHOWN"] },
      },
    });
    const shell = async (script: string, more: Partial<ExecRequest> = {}): Promise<string> =>
      (await outcome(runtime, { args: ["sh", "-c", script], ...more })).stdout;
    expect(await shell("pwd; echo $A $B; id -u")).toBe("/tmp\n1 2\n0\n");
    expect(await shell("pwd", { workingDir: "/etc" })).toBe("/etc\n");
    expect(
      await shell("echo $A $B $C", {
        envvars: [
          { name: "B", value: "x y" },
          { name: "C", value: "" },
        ],
      }),
    ).toBe("1 x y\n");
    expect(await shell("id", { user: "app" })).toContain("uid=1000(app)");
    expect(await shell("id -u; id -g", { user: "1234:99" })).toBe("1234\n99\n");
    expect(await shell("grep CapEff /proc/self/status")).toBe("CapEff:\t0000000000000001\n");
    expect(await shell("grep CapEff /proc/self/status", { user: "app" })).toBe("CapEff:\t0000000000000000\n");
    const privileged = await shell("grep CapEff /proc/self/status", { privileged: true });
    const own = /CapBnd:\t([0-9a-f]+)/.exec(await readFile("/proc/self/status", "utf8"))?.[1] ?? "?";
    expect(privileged).toBe(`CapEff:\t${own}\n`);
  });

  test("user names are looked up in the container as it is now, and nothing there leads outside", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    const add = "echo 'late:x:4321:4321::/:/bin/sh' >> /etc/passwd";
    expect((await outcome(runtime, { args: ["sh", "-c", add] })).code).toBe(0);
    expect((await outcome(runtime, { args: ["id", "-u"], user: "late" })).stdout).toBe("4321\n");
    // The host's own file has these users too, in other lines: it must not be the one that is read.
    const escape = "rm /etc/passwd; ln -s ../../../../../../../../proc/1/root/etc/passwd /etc/passwd";
    expect((await outcome(runtime, { args: ["sh", "-c", escape] })).code).toBe(0);
    expect(await refusal(runtime.exec("box", { args: ["id"], user: "games" }))).toMatchObject({
      code: "USER_NOT_FOUND",
    });
  });

  test("standard input arrives whole, and its end is the process's end of file", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    const bytes = new Uint8Array(1_000_003).map((_, index) => (index * 7) % 251);
    const process = await runtime.exec("box", { args: ["cat"], stdin: true });
    const copied = new Response(process.stdout).arrayBuffer();
    await process.stderr.cancel();
    const writer = process.stdin?.getWriter();
    await writer?.write(bytes);
    await writer?.close();
    expect(Buffer.from(await copied).equals(bytes)).toBe(true);
    expect((await process.exited).exitCode).toBe(0);
    const empty = await runtime.exec("box", { args: ["cat"], stdin: true });
    await empty.stdin?.close();
    expect(await textOf(empty.stdout)).toBe("");
    expect((await empty.exited).exitCode).toBe(0);
    // Without standard input there is none: a process that reads does not wait.
    expect(await outcome(runtime, { args: ["cat"] })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("a terminal has the size that was asked for, can be resized, and is typed into", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    // The shell's `read` fails when a signal comes meanwhile.
    const process = await runtime.exec("box", {
      args: [
        "sh",
        "-c",
        "trap 'stty size' WINCH; tty; stty size; echo $TERM; until read line; do :; done; echo got $line",
      ],
      tty: true,
      stdin: true,
      size: { columns: 101, rows: 33 },
    });
    const reader = process.stdout.getReader();
    expect(await until(reader, "xterm\r\n")).toBe("/dev/pts/0\r\n33 101\r\nxterm\r\n");
    await process.resize({ columns: 90, rows: 20 });
    await until(reader, "20 90\r\n");
    const writer = process.stdin?.getWriter();
    await writer?.write(new TextEncoder().encode("hello\r"));
    expect(await until(reader, "got hello\r\n")).toContain("hello\r\n");
    expect((await process.exited).exitCode).toBe(0);
    expect(await textOf(process.stderr)).toBe("");
    await process.resize({ columns: 80, rows: 24 });
  });

  test("detached: nobody waits, nobody reads, and it goes on", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    for (const tty of [false, true]) {
      const process = await runtime.exec("box", {
        args: ["sh", "-c", `yes | head -c 1000000; echo done > /tmp/done-${String(tty)}`],
        detached: true,
        tty,
      });
      expect((await process.exited).exitCode).toBe(0);
      expect(await textOf(process.stdout)).toBe("");
      expect((await outcome(runtime, { args: ["cat", `/tmp/done-${String(tty)}`] })).stdout).toBe("done\n");
    }
  });

  test("a signal reaches the process, an abort or a disposal ends its whole group", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    const polite = await runtime.exec("box", {
      args: ["sh", "-c", "trap 'exit 9' USR1; echo ready; while :; do sleep 0.1; done"],
    });
    await polite.stderr.cancel();
    await until(polite.stdout.getReader(), "ready\n");
    await polite.kill("SIGUSR1");
    expect((await polite.exited).exitCode).toBe(9);
    await polite.kill("SIGKILL");

    const family = "sleep 5000 & sleep 5000 & echo ready; sleep 5000";
    const abort = new AbortController();
    const aborted = await runtime.exec("box", { args: ["sh", "-c", family] }, { signal: abort.signal });
    await until(aborted.stdout.getReader(), "ready\n");
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(aborted.exited).rejects.toBe(reason);
    const disposed = await runtime.exec("box", { args: ["sh", "-c", family] });
    await until(disposed.stdout.getReader(), "ready\n");
    await disposed[Symbol.asyncDispose]();
    expect((await disposed.exited).exitCode).toBe(137);
    expect((await outcome(runtime, { args: ["sh", "-c", "pgrep -f 'sleep 5000' || echo none"] })).stdout).toBe(
      "none\n",
    );
    await expect(runtime.exec("box", { args: ["true"] }, { signal: abort.signal })).rejects.toBe(reason);
  });

  test("F11: an abort of many leaves no pipe, neither of those who run nor of those who wait for their turn", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    const pipes = async (): Promise<number> => {
      const names = await readdir(stage.host.stateDir, { recursive: true });
      return names.filter((name) => basename(name).startsWith("exec-")).length;
    };
    const abort = new AbortController();
    const reason = new Error("enough");
    setMaxListeners(100, abort.signal);
    const started = Array.from({ length: 30 }, () =>
      runtime.exec("box", { args: ["sleep", "5000"] }, { signal: abort.signal }),
    );
    const exits = started.map(async (process) => (await process).exited);
    for (const exit of exits) exit.catch(() => undefined);
    await Promise.race(started);
    // Those of the next in line are there too.
    expect(await pipes()).toBeGreaterThan(8);
    abort.abort(reason);
    for (const exit of exits) await expect(exit).rejects.toBe(reason);
    expect(await pipes()).toBe(0);
    expect((await outcome(runtime, { args: ["true"] })).code).toBe(0);
  });

  test("refusals say what is wrong, and leave nothing", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    const refused = async (request: ExecRequest): Promise<string> => (await refusal(runtime.exec("box", request))).code;
    expect(await refused({ args: ["no-such-command"] })).toBe("COMMAND_NOT_FOUND");
    expect(await refused({ args: ["/no/such/command"] })).toBe("COMMAND_NOT_FOUND");
    expect(await refused({ args: ["/etc/passwd"] })).toBe("COMMAND_NOT_EXECUTABLE");
    expect(await refused({ args: ["/etc"] })).toBe("COMMAND_NOT_EXECUTABLE");
    expect(await refused({ args: ["true"], workingDir: "/no/such/folder" })).toBe("COMMAND_NOT_EXECUTABLE");
    expect(await refused({ args: ["true"], user: "nobody-at-all" })).toBe("USER_NOT_FOUND");
    expect(await refused({ args: [] })).toBe("INVALID_ARGUMENT");
    expect(await refused({ args: ["true"], detached: true, stdin: true })).toBe("INVALID_ARGUMENT");
    expect(await refused({ args: ["true"], size: { columns: 1, rows: 1 } })).toBe("INVALID_ARGUMENT");
    expect(await refused({ args: ["a\0b"] })).toBe("INVALID_ARGUMENT");
    expect((await refusal(runtime.exec("nobody", { args: ["true"] }))).code).toBe("NOT_FOUND");
    await runtime.pause("box");
    for (const user of [undefined, "0"]) {
      const request = { args: ["true"], ...(user === undefined ? {} : { user }) };
      expect(await refusal(runtime.exec("box", request))).toMatchObject({
        code: "FAILED_PRECONDITION",
        hint: "resume it first",
      });
    }
    await runtime.resume("box");
    await runtime.stop("box", { timeoutMs: 0 });
    expect(await refusal(runtime.exec("box", { args: ["true"] }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      hint: "start it first",
    });
  });

  test("a process in a container that has just ended is refused, whatever its record still says", async (stage) => {
    const { runtime } = stage.main;
    await sleeper(runtime, stage.busybox, "none");
    const { client } = stage.main;
    const containerId = await runtime.id("box");
    const ended = client.tasks.wait({ containerId });
    await client.tasks.kill({ containerId, signal: 9, all: true });
    await ended;
    expect(await refusal(runtime.exec("box", { args: ["true"] }))).toMatchObject({ code: "FAILED_PRECONDITION" });
  });

  test(
    `F11: ${String(MANY)} asked for at once: every exit code and every output is right`,
    async (stage) => {
      const { runtime } = stage.main;
      await sleeper(runtime, stage.busybox, "none");
      const began = performance.now();
      const results = await Promise.all(
        Array.from({ length: MANY }, (_, index) =>
          outcome(runtime, {
            args: ["sh", "-c", `echo o${String(index)}; echo e${String(index)} >&2; exit ${String(index % 256)}`],
          }),
        ),
      );
      const seconds = (performance.now() - began) / 1000;
      expect(results).toEqual(
        Array.from({ length: MANY }, (_, index) => ({
          code: index % 256,
          stdout: `o${String(index)}\n`,
          stderr: `e${String(index)}\n`,
        })),
      );
      process.stderr.write(`${String(MANY)} execs: ${(MANY / seconds).toFixed(1)} a second\n`);
    },
    { timeoutMs: 600_000 },
  );
});

async function sleeper(runtime: ContainerdRuntime, image: string, network: string): Promise<void> {
  await runtime.run({ meta: { name: "box" }, config: { image, args: ["sleep", "100000"], network } });
}

interface Outcome {
  readonly code: number | "unknown";
  readonly stdout: string;
  readonly stderr: string;
}

async function outcome(runtime: ContainerdRuntime, request: ExecRequest): Promise<Outcome> {
  return finished(await runtime.exec("box", request));
}

async function finished(process: ExecProcess): Promise<Outcome> {
  const [stdout, stderr, { exitCode }] = await Promise.all([
    textOf(process.stdout),
    textOf(process.stderr),
    process.exited,
  ]);
  return { code: exitCode, stdout, stderr };
}
