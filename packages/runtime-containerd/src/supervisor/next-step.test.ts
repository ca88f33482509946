import { describe, expect, test } from "@jest/globals";
import type { RestartPolicy } from "@voiyd/runtime-api";
import { healthOf, parseHealth } from "../container/health-record.js";
import { parseRestart, type RestartRecord } from "../container/restart-record.js";
import { afterProbe } from "./health-decision.js";
import { nextStep, type Step, type Supervised } from "./next-step.js";

const START = Date.parse("2030-01-01T00:00:00Z");
const LIFE = new Date(START).toISOString();
const at = (ms: number): Date => new Date(START + ms);
const ON_FAILURE: RestartPolicy = { name: "on-failure" };
const ALWAYS: RestartPolicy = { name: "always" };
const UNLESS_STOPPED: RestartPolicy = { name: "unless-stopped" };

function container(more: Partial<Supervised> = {}): Supervised {
  return {
    life: LIFE,
    task: "down",
    exit: { exitCode: 1, exitedAt: at(0) },
    stopped: false,
    thisBoot: true,
    policy: ALWAYS,
    check: undefined,
    restart: undefined,
    health: healthOf(undefined, LIFE),
    ...more,
  };
}

/** As if it had been written down, and read by another process. */
function reread(record: RestartRecord): RestartRecord | undefined {
  return parseRestart(JSON.parse(JSON.stringify(record)));
}

/**
 * Lets a container live as long, and end with such codes, as `lives` say, on a virtual clock; between any two steps another
 * process takes over. Returns the back-offs, one for each start.
 */
function backOffs(policy: RestartPolicy, lives: readonly (readonly [ranMs: number, exitCode: number])[]): number[] {
  let now = START;
  let restart: RestartRecord | undefined;
  const delays: number[] = [];
  for (const [ranMs, exitCode] of lives) {
    const life = new Date(now).toISOString();
    now += ranMs;
    const ended = now;
    for (;;) {
      const down = container({ life, policy, restart, exit: { exitCode, exitedAt: new Date(ended) } });
      const step = nextStep(down, new Date(now));
      if (step.kind === "rest") return delays;
      if (step.kind === "start") break;
      if (step.kind === "decide") restart = reread(step.restart);
      else if (step.kind === "wait") now = step.until.getTime();
      else throw new Error(`a container that is down is not to ${step.kind}`);
    }
    delays.push(now - ended);
    // A start takes a moment, so that no two lives begin at once.
    now += 1;
  }
  return delays;
}

const repeat = (times: number, ranMs: number, exitCode: number): [number, number][] =>
  Array.from({ length: times }, () => [ranMs, exitCode]);

describe("back-off", () => {
  test.each<[string, RestartPolicy, [number, number][], number[]]>([
    [
      "doubles from 100 ms to a minute",
      ALWAYS,
      repeat(13, 5, 1),
      [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000, 60_000],
    ],
    ["does so for a success too", UNLESS_STOPPED, repeat(3, 9_999, 0), [100, 200, 400]],
    [
      "begins anew after ten seconds of life",
      ALWAYS,
      [...repeat(3, 5, 1), [10_000, 1], [5, 1]],
      [100, 200, 400, 100, 200],
    ],
    ["ends with a success, on failure", ON_FAILURE, [...repeat(2, 5, 1), [5, 0], [5, 1]], [100, 200]],
    ["goes on without a limit, on failure", ON_FAILURE, repeat(4, 5, 137), [100, 200, 400, 800]],
    ["ends after so many starts", { name: "on-failure", maxRetries: 3 }, repeat(9, 5, 1), [100, 200, 400]],
    ["counts long lives as well", { name: "on-failure", maxRetries: 3 }, repeat(9, 20_000, 1), [100, 100, 100]],
    ["is none without a policy", { name: "no" }, repeat(3, 5, 1), []],
  ])("%s", (_what, policy, lives, delays) => {
    expect(backOffs(policy, lives)).toEqual(delays);
  });
});

const WAITING: RestartRecord = { life: LIFE, count: 3, delayMs: 400, restartAt: at(400) };
const GIVEN_UP: RestartRecord = { life: LIFE, count: 3, delayMs: 400 };
const AGES_AGO: RestartRecord = { life: at(-90_000).toISOString(), count: 3, delayMs: 400, restartAt: at(-80_000) };

describe("a container that is down", () => {
  test.each<[string, Partial<Supervised>, Step["kind"]]>([
    ["waits for its time", { restart: WAITING }, "wait"],
    ["rests when it was given up", { restart: GIVEN_UP }, "rest"],
    ["rests when it was stopped", { stopped: true }, "rest"],
    ["rests when it was stopped, unless-stopped", { stopped: true, policy: UNLESS_STOPPED }, "rest"],
    ["rests when it was stopped during its back-off", { stopped: true, restart: WAITING }, "rest"],
    ["is decided upon once for each life", { restart: AGES_AGO }, "decide"],
    [
      "waits also without a policy, where its health had it ended",
      { policy: { name: "no" }, restart: WAITING },
      "wait",
    ],
    ["rests without a policy", { policy: { name: "no" } }, "rest"],
    ["is looked at again when it cannot be read", { task: "unknown" }, "wait"],
  ])("%s", (_what, more, kind) => {
    expect(nextStep(container(more), at(0)).kind).toBe(kind);
  });

  test("an end that nobody saw is a failure", () => {
    const step = nextStep(container({ policy: ON_FAILURE, exit: { exitCode: "unknown" } }), at(7));
    expect(step).toEqual({ kind: "decide", restart: { life: LIFE, count: 1, delayMs: 100, restartAt: at(107) } });
  });

  test.each<[RestartPolicy["name"], boolean, boolean]>([
    ["no", false, false],
    ["on-failure", false, false],
    ["always", false, true],
    ["always", true, true],
    ["unless-stopped", false, true],
    ["unless-stopped", true, false],
  ])("after a boot, %s, stopped %s: started %s", (name, stopped, started) => {
    const down = container({ thisBoot: false, policy: { name }, stopped, restart: GIVEN_UP });
    const step = nextStep(down, at(9));
    expect(step.kind).toBe(started ? "decide" : "rest");
    if (step.kind !== "decide") return;
    expect(step).toMatchObject({ forgetStop: true, restart: { count: 0, restartAt: at(9) } });
    const { restart } = step;
    expect(nextStep({ ...down, stopped: false, restart: reread(restart) }, at(9)).kind).toBe("start");
  });
});

describe("a container that runs", () => {
  const check = { test: ["CMD", "check"], intervalMs: 1000, retries: 1, restart: true };
  const failed = afterProbe(check, healthOf(undefined, LIFE), {
    start: at(1000),
    end: at(1500),
    exitCode: 1,
    output: "",
  });

  test.each<[string, Partial<Supervised>, number, Step]>([
    ["is watched for its policy", {}, 0, { kind: "watch" }],
    ["rests without policy and check", { policy: { name: "no" } }, 0, { kind: "rest" }],
    ["is probed an interval after its start", { check }, 999, { kind: "wait", until: at(1000) }],
    ["and then", { check }, 1000, { kind: "probe" }],
    [
      "and an interval after the last probe's end",
      { check: { ...check, restart: false }, health: failed },
      1501,
      { kind: "wait", until: at(2500) },
    ],
    ["is not probed while it is paused", { check, task: "paused" }, 5000, { kind: "watch" }],
    ["is not ended when its owner is about to", { check, health: failed, stopped: true }, 5000, { kind: "watch" }],
    [
      "is to be restarted when it is unhealthy",
      { check, health: failed },
      1501,
      { kind: "decide", restart: { life: LIFE, count: 1, delayMs: 100, restartAt: at(1601) } },
    ],
    ["and is ended for that", { check, health: failed, restart: WAITING }, 1601, { kind: "end" }],
  ])("%s", (_what, more, now, step) => {
    expect(nextStep(container({ task: "running", ...more }), at(now))).toEqual(step);
  });

  test("has the health that was written down, of this life alone", () => {
    const read = parseHealth(JSON.parse(JSON.stringify(failed)));
    expect(healthOf(read, LIFE)).toEqual(failed);
    expect(healthOf(read, at(1).toISOString())).toMatchObject({ status: "starting", failingStreak: 0, log: [] });
  });
});
