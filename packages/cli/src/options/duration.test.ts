import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseDuration } from "./duration.js";

describe("a duration", () => {
  test.each<[string, number]>([
    ["0", 0],
    ["10", 10_000],
    ["0.5", 500],
    ["500ms", 500],
    ["1m30s", 90_000],
    ["2h", 7_200_000],
    ["1.5s", 1500],
    ["-1", Infinity],
  ])("%s is understood", (text, milliseconds) => {
    expect(parseDuration("--time", text)).toBe(milliseconds);
  });

  test.each(["", "-2", "s", "10 s", "1d", "1e3", "ten", "1m30", "99999999999999999999"])("%j is refused", (text) => {
    expect(() => parseDuration("--time", text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("whole seconds come back as milliseconds", () => {
    fc.assert(
      fc.property(fc.nat(), (seconds) => {
        expect(parseDuration("--time", String(seconds))).toBe(seconds * 1000);
        expect(parseDuration("--time", `${seconds}s`)).toBe(seconds * 1000);
      }),
    );
  });
});
