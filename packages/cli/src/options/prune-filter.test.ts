import { describe, expect, test } from "@jest/globals";
import { parsePruneFilters } from "./prune-filter.js";

const NOW = new Date("2026-03-01T12:00:00Z");

function fits(filters: readonly string[], labels: Readonly<Record<string, string>> = {}): boolean {
  return parsePruneFilters(filters, NOW)({ created: new Date("2026-03-01T11:00:00Z"), labels });
}

describe("the filters of prune", () => {
  test("by time: what was made before then", () => {
    expect(fits([])).toBe(true);
    expect(fits(["until=59m"])).toBe(true);
    expect(fits(["until=1h"])).toBe(false);
    expect(fits(["until=61m"])).toBe(false);
    expect(fits(["until=2026-03-01T11:00:01Z"])).toBe(true);
  });

  test.each<[string, boolean]>([
    ["label=app", true],
    ["label=app=web", true],
    ["label=app=we", false],
    ["label=none", false],
    ["label=toString", false],
    ["label=equation=a=b", true],
    ["label!=app", false],
    ["label!=app=web", false],
    ["label!=app=we", true],
    ["label!=none", true],
  ])("by label: %s is %j", (filter, expected) => {
    expect(fits([filter], { app: "web", equation: "a=b" })).toBe(expected);
  });

  test("all must fit", () => {
    expect(fits(["label=a", "label=b", "until=10m"], { a: "", b: "" })).toBe(true);
    expect(fits(["label=a", "label=c"], { a: "", b: "" })).toBe(false);
    expect(fits(["label=a", "until=2h"], { a: "" })).toBe(false);
  });

  test.each(["", "label", "label=", "label!=", "label==x", "until=", "until=yesterday", "status=exited"])(
    "%j is refused",
    (text) => {
      expect(() => parsePruneFilters([text], NOW)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    },
  );

  test("there is one until at most", () => {
    expect(() => parsePruneFilters(["until=1h", "until=2h"], NOW)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});
