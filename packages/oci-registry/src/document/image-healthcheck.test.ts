import { expect, test } from "@jest/globals";
import { type ImageHealthcheck, readHealthcheck } from "./image-healthcheck.js";

const SECOND = 1_000_000_000;

test.each<[string, unknown, ImageHealthcheck | undefined]>([
  ["none", undefined, undefined],
  ["one without a test", {}, undefined],
  ["one with an empty test", { Test: [] }, undefined],
  ["one with a test that is null", { Test: null, Retries: 3 }, undefined],
  ["none, by word", { Test: ["NONE"] }, { test: ["NONE"] }],
  [
    "a whole one",
    {
      Test: ["CMD-SHELL", "check"],
      Interval: 5 * SECOND,
      Timeout: SECOND / 2,
      StartPeriod: 60 * SECOND,
      StartInterval: SECOND,
      Retries: 4,
    },
    {
      test: ["CMD-SHELL", "check"],
      intervalMs: 5000,
      timeoutMs: 500,
      startPeriodMs: 60_000,
      startIntervalMs: 1000,
      retries: 4,
    },
  ],
  ["one with zeros, which say nothing", { Test: ["CMD", "a"], Interval: 0, Retries: 0 }, { test: ["CMD", "a"] }],
  ["one shorter than a millisecond", { Test: ["CMD", "a"], Timeout: 1 }, { test: ["CMD", "a"], timeoutMs: 1 }],
  ["one of nonsense", { Test: ["CMD", "a"], Interval: "5s", Retries: -1 }, { test: ["CMD", "a"] }],
])("an image's health check is read: %s", (_what, value, expected) => {
  expect(readHealthcheck(value, "config.Healthcheck")).toEqual(expected);
});

test.each([
  ["a list", []],
  ["a text", "CMD"],
  ["null", null],
  ["one whose test is a text", { Test: "CMD check" }],
  ["one whose test is of numbers", { Test: ["CMD", 1] }],
])("an image's health check that is %s is none that an image can have", (_what, value) => {
  expect(() => readHealthcheck(value, "config.Healthcheck")).toThrow(
    expect.objectContaining({ code: "IMAGE_INVALID" }),
  );
});
