import { stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "@jest/globals";
import { describeOnHost } from "../fixture/on-host.js";
import type { Stage } from "../fixture/stage.js";
import { output, start, voiyd } from "./voiyd.js";

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;

/** Runs a script with its output in a log with times, and everything that details can show. */
async function runBox(stage: Stage, script: string, ...options: readonly string[]): Promise<void> {
  const log = ["--log-driver", "local", "--log-opt", "labels=app,none", "--log-opt", "env=STAGE"];
  const shown = ["--label", "app=web", "--label", "other=x", "-e", "STAGE=test"];
  const box = ["--name", "box", "--network", "none", ...log, ...shown, ...options];
  await output(stage, "run", "-d", ...box, stage.busybox, "sh", "-c", script);
}

/** Says, on both streams, which of the container's lives this is, and fails. */
const LIVES = "n=$(cat /lives 2>/dev/null || echo 0); echo $((n+1)) >/lives; echo life $n; echo error $n >&2; exit 3";

function lives(word: string, count: number): string {
  return Array.from({ length: count }, (_, life) => `${word} ${life}\n`).join("");
}

await describeOnHost("voiyd logs", (test) => {
  // The first: as soon as this process has started a container or supervised, it looks after logs too, and at any time.
  test("are kept small though nobody stays: the next start looks at them, and a supervisor does", async (stage) => {
    const script =
      "head -c 12000000 /dev/zero; until [ -e /go ]; do sleep 0.1; done; head -c 11000000 /dev/zero; sleep 1000";
    const run = (name: string, ...command: readonly string[]): Promise<string> =>
      output(stage, "run", "-d", "--name", name, "--network", "none", stage.busybox, ...command);
    const log = join(stage.host.logDirFmt.replaceAll("%s", "box"), "stdout.log");
    const size = async (path: string): Promise<number> => (await stat(path)).size;
    const untilSize = async (expected: number): Promise<void> => {
      while ((await size(log)) !== expected) await sleep(50);
    };
    await run("box", "sh", "-c", script);
    await untilSize(12_000_000);
    await run("crate", "true");
    expect([await size(log), await size(`${log}.1`)]).toEqual([0, 10 * 1024 * 1024]);
    await output(stage, "exec", "box", "touch", "/go");
    await untilSize(11_000_000);
    const supervisor = start(stage, ["system", "supervise"]);
    await untilSize(0);
    supervisor.signal("SIGTERM");
    await supervisor.result;
    expect(await size(`${log}.1`)).toBe(10 * 1024 * 1024);
    await output(stage, "rm", "-f", "box", "crate");
  });

  test("shows each stream, with times and details where they are asked for", async (stage) => {
    await runBox(stage, "echo one; echo two >&2; printf three");
    await output(stage, "wait", "box");
    const logs = (...args: readonly string[]): ReturnType<typeof voiyd> => voiyd(stage, "logs", ...args, "box");
    expect(await logs()).toEqual({ code: 0, stdout: "one\nthree", stderr: "two\n" });
    const timed = await logs("-t");
    expect(timed.stdout).toMatch(new RegExp(`^${TIME} one\n${TIME} three$`));
    expect(timed.stderr).toMatch(new RegExp(`^${TIME} two\n$`));
    expect(await logs("--details")).toEqual({
      code: 0,
      stdout: "app=web,STAGE=test one\napp=web,STAGE=test three",
      stderr: "app=web,STAGE=test two\n",
    });
    expect((await logs("--timestamps", "--details")).stderr).toMatch(new RegExp(`^${TIME} app=web,STAGE=test two\n$`));
    await output(stage, "rm", "box");
  });

  test("cuts by lines and by times: since and until, each in every way to say it", async (stage) => {
    await runBox(stage, "echo one; sleep 1.5; echo two; sleep 1.5; echo three");
    await output(stage, "wait", "box");
    const logs = async (...args: readonly string[]): Promise<string[]> =>
      (await output(stage, "logs", ...args, "box")).split("\n").slice(0, -1);
    const times = (await logs("-t")).map((line) => Date.parse(line.split(" ")[0] ?? ""));
    const [between = Number.NaN, later = Number.NaN] = times.map((time) => time + 700);
    const iso = new Date(between).toISOString();
    expect(await logs("--tail", "2")).toEqual(["two", "three"]);
    expect(await logs("-n", "1")).toEqual(["three"]);
    for (const all of ["all", "-1", "100"]) expect(await logs(`--tail=${all}`)).toEqual(["one", "two", "three"]);
    expect(await logs("--tail", "0")).toEqual([]);
    expect(await logs("--since", iso)).toEqual(["two", "three"]);
    expect(await logs("--since", String(between / 1000))).toEqual(["two", "three"]);
    expect(await logs("--until", iso)).toEqual(["one"]);
    expect(await logs("--since", iso, "--until", new Date(later).toISOString())).toEqual(["two"]);
    expect(await logs("--since", iso, "--tail", "1")).toEqual(["three"]);
    expect(await logs("--since", "10m")).toHaveLength(3);
    expect(await logs("--until", "10m")).toEqual([]);
    await output(stage, "rm", "box");
  });

  test("follows until the end: from the last lines on, and what comes between", async (stage) => {
    await runBox(stage, "echo one; echo two; until [ -e /go ]; do sleep 0.1; done; echo three; echo four >&2");
    while ((await output(stage, "logs", "box")) !== "one\ntwo\n") await sleep(50);
    const follow = start(stage, ["logs", "-f", "-n", "1", "box"]);
    await follow.saw("two\n");
    await output(stage, "exec", "box", "touch", "/go");
    expect(await follow.result).toEqual({ code: 0, stdout: "two\nthree\n", stderr: "four\n" });
    // Of one that has ended there is nothing to wait for.
    expect(await output(stage, "logs", "--follow", "box")).toBe("one\ntwo\nthree\n");
    await output(stage, "rm", "box");
  });

  test("follows over restarts by a policy, and ends with the last life", async (stage) => {
    await using supervision = stage.main.runtime.supervise();
    await supervision.active;
    for (const driver of ["local", "file"]) {
      const policy = ["--restart", "on-failure:3", "--log-driver", driver];
      await output(
        stage,
        ...["run", "-d", "--name", "box", "--network", "none", ...policy],
        ...[stage.busybox, "sh", "-c", LIVES],
      );
      const all = { code: 0, stdout: lives("life", 4), stderr: lives("error", 4) };
      expect(await voiyd(stage, "logs", "-f", "box")).toEqual(all);
      // It is known that there will be no more, so nothing is waited for.
      expect(await voiyd(stage, "logs", "-f", "box")).toEqual(all);
      await output(stage, "rm", "box");
    }
  });

  test("follows no longer when its owner stops a container that was to be started again", async (stage) => {
    await using supervision = stage.main.runtime.supervise();
    await supervision.active;
    await runBox(stage, LIVES, "--restart", "always");
    const follow = start(stage, ["logs", "-f", "box"]);
    await follow.saw("life 3\n");
    await output(stage, "stop", "box");
    const { code, stdout } = await follow.result;
    const count = stdout.split("\n").length - 1;
    expect({ code, stdout }).toEqual({ code: 0, stdout: lives("life", count) });
    expect(await output(stage, "logs", "box")).toBe(stdout);
    await output(stage, "rm", "box");
  });

  test("follows no longer where nobody is there to start it again", async (stage) => {
    const { runtime } = stage.main;
    await runtime.run({
      meta: { name: "box" },
      config: {
        image: stage.busybox,
        args: ["sh", "-c", LIVES],
        network: "none",
        restartPolicy: { name: "always" },
      },
    });
    expect(await voiyd(stage, "logs", "-f", "box")).toEqual({ code: 0, stdout: "life 0\n", stderr: "error 0\n" });
    await output(stage, "rm", "box");
  });

  test("refuses what it cannot understand, and what is not there", async (stage) => {
    const refused = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await voiyd(stage, "logs", ...args);
      expect([code === 0, stdout]).toEqual([false, ""]);
      return stderr;
    };
    await runBox(stage, "true");
    expect(await refused("--tail", "few", "box")).toContain("--tail");
    expect(await refused("--since", "yesterday", "box")).toContain("--since");
    expect(await refused("--until", "2026-13-01", "box")).toContain("--until");
    expect(await refused("crate")).toContain("crate");
    expect(await refused()).toContain("logs");
    await output(stage, "rm", "-f", "box");
  });
});
