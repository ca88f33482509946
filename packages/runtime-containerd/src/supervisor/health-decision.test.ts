import { describe, expect, test } from "@jest/globals";
import type { HealthCheck } from "@voiyd/runtime-api";
import { silentLogger } from "@voiyd/logger";
import { healthOf } from "../container/health-record.js";
import { afterProbe, nextProbeAt } from "./health-decision.js";
import { healthCheckOf } from "./health-check-of.js";

const START = Date.parse("2030-01-01T00:00:00Z");
const LIFE = new Date(START).toISOString();

/** Runs probes that take a second on a virtual clock; returns when each began and what was known after it. */
function course(check: HealthCheck, codes: readonly number[]): string[] {
  let health = healthOf(undefined, LIFE);
  return codes.map((exitCode) => {
    const start = nextProbeAt(check, health);
    health = afterProbe(check, health, { start, end: new Date(start.getTime() + 1000), exitCode, output: "" });
    return `${String((start.getTime() - START) / 1000)} ${health.status} ${String(health.failingStreak)}`;
  });
}

describe("the course of a container's health", () => {
  test.each<[string, HealthCheck, number[], string[]]>([
    ["three failures in a row", {}, [1, 1, 1], ["30 starting 1", "61 starting 2", "92 unhealthy 3"]],
    ["a success between", {}, [1, 1, 0, 1], ["30 starting 1", "61 starting 2", "92 healthy 0", "123 healthy 1"]],
    ["healthy again", { retries: 1 }, [1, 0], ["30 unhealthy 1", "61 healthy 0"]],
    ["two of three do not make it unhealthy", {}, [0, 2, -1], ["30 healthy 0", "61 healthy 1", "92 healthy 2"]],
    ["every other code is a failure", { retries: 2 }, [2, 137], ["30 starting 1", "61 unhealthy 2"]],
    [
      "a start period, probed more often, in which failures do not count",
      { startPeriodMs: 20_000, retries: 1 },
      [1, 1, 1, 1],
      ["5 starting 0", "11 starting 0", "17 starting 0", "23 unhealthy 1"],
    ],
    [
      "a success ends the start period",
      { startPeriodMs: 60_000, startIntervalMs: 1000, intervalMs: 10_000, retries: 2 },
      [1, 0, 1, 1],
      ["1 starting 0", "3 healthy 0", "14 healthy 1", "25 unhealthy 2"],
    ],
  ])("%s", (_what, check, codes, seen) => {
    expect(course(check, codes)).toEqual(seen);
  });

  test("keeps the last five probes", () => {
    let health = healthOf(undefined, LIFE);
    for (let n = 0; n < 9; n++)
      health = afterProbe({}, health, { start: new Date(START), end: new Date(START), exitCode: n, output: "" });
    expect(health.log.map(({ exitCode }) => exitCode)).toEqual([4, 5, 6, 7, 8]);
  });
});

describe("the check that is carried out", () => {
  const image = { test: ["CMD", "ok"], intervalMs: 5, retries: 4 };
  test.each([
    ["none at all", undefined, undefined, undefined],
    ["the image's", undefined, image, image],
    [
      "the caller's over the image's",
      { test: ["CMD-SHELL", "x"], retries: 1 },
      image,
      { ...image, test: ["CMD-SHELL", "x"], retries: 1 },
    ],
    ["times of the caller for the image's", { intervalMs: 9 }, image, { ...image, intervalMs: 9 }],
    ["times for nothing", { intervalMs: 9 }, undefined, undefined],
    ["none is wanted", { test: ["NONE"] }, image, undefined],
    ["the image wants none", undefined, { test: ["NONE"] }, undefined],
    ["the image says nonsense", undefined, { test: ["RUN", "x"] }, undefined],
  ])("%s", (_what, own, ofImage, check) => {
    expect(healthCheckOf(own, ofImage, silentLogger)).toEqual(check);
  });
});
