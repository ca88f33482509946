import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseSize } from "./size.js";

describe("a size", () => {
  test.each<[string, number]>([
    ["0", 0],
    ["1048576", 1_048_576],
    ["1b", 1],
    ["1k", 1024],
    ["1KB", 1024],
    ["1KiB", 1024],
    ["512m", 536_870_912],
    ["512 M", 536_870_912],
    [".5m", 524_288],
    ["1.5g", 1_610_612_736],
    ["1t", 1_099_511_627_776],
  ])("%s is understood", (text, bytes) => {
    expect(parseSize("--memory", text)).toBe(bytes);
  });

  test.each(["", "m", "-1", "1x", "1.m", ".", "1e3", "0x10", "512mm", "99999999p", "NaN", "__proto__", "1 2"])(
    "%j is refused",
    (text) => {
      expect(() => parseSize("--memory", text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    },
  );

  test("a number with a unit is that many times the unit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.constantFrom<[string, number]>(["k", 1], ["m", 2], ["g", 3]),
        (number, [unit, power]) => {
          expect(parseSize("--memory", `${number}${unit}`)).toBe(number * 1024 ** power);
        },
      ),
    );
  });
});
