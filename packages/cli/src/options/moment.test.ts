import { describe, expect, test } from "@jest/globals";
import { parseMoment } from "./moment.js";

const now = new Date("2026-03-01T12:00:00Z");

describe("a moment", () => {
  test.each([
    ["2026-01-02T15:04:05Z", "2026-01-02T15:04:05.000Z"],
    ["2026-01-02T15:04:05.123456789Z", "2026-01-02T15:04:05.123Z"],
    ["2026-01-02T15:04:05+02:00", "2026-01-02T13:04:05.000Z"],
    ["2026-01-02T15Z", "2026-01-02T15:00:00.000Z"],
    ["1136073845", "2006-01-01T00:04:05.000Z"],
    ["1136073845.5", "2006-01-01T00:04:05.500Z"],
    ["42m", "2026-03-01T11:18:00.000Z"],
    ["1h30m", "2026-03-01T10:30:00.000Z"],
    ["250ms", "2026-03-01T11:59:59.750Z"],
    ["-10s", "2026-03-01T12:00:10.000Z"],
  ])("%s is %s", (text, expected) => {
    expect(parseMoment("--since", text, now).toISOString()).toBe(expected);
  });

  test.each(["2026-01-02T15:04:05", "2026-01-02"])("%s without a zone is this host's", (text) => {
    const [day = "", time = "00:00:00"] = text.split("T");
    expect(parseMoment("--since", text, now)).toEqual(new Date(`${day}T${time}`));
  });

  test.each(["", "yesterday", "2026-13-01", "10x", "12:00"])("%j is refused", (text) => {
    expect(() => parseMoment("--since", text, now)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
