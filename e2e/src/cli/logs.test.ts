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

await describeOnHost("voiyd logs", (test) => {
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
