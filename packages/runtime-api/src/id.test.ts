import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ID_MAX_LEN } from "./constants.js";
import { generateId, isId } from "./id.js";

describe("an id", () => {
  test("is generated as 64 hexadecimal digits, and never twice", () => {
    const ids = Array.from({ length: 1000 }, () => generateId());
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(ids).size).toBe(ids.length);
    // Every digit of the alphabet occurs in 64 000 of them: the source is not stuck.
    expect(new Set(ids.join("")).size).toBe(16);
  });

  test.each(["a", "0", "A-b_c.d", "redis-1", "x".repeat(ID_MAX_LEN)])("may be %s", (value) => {
    expect(isId(value)).toBe(true);
  });

  test.each([
    "",
    ".",
    "..",
    "-a",
    "a-",
    "a..b",
    "a--b",
    "a/b",
    "../a",
    "a b",
    "a\n",
    "a\0",
    "ä",
    "x".repeat(ID_MAX_LEN + 1),
    1,
    null,
    undefined,
    ["a"],
    {},
  ])("may not be %j", (value) => {
    expect(isId(value)).toBe(false);
  });

  test("is safe as a file name, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (isId(text)) expect(text).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
        else expect(text).not.toMatch(/^[A-Za-z0-9]{1,64}$/);
      }),
      { numRuns: 2000 },
    );
  });
});
