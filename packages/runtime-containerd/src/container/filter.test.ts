import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fieldIs, filter, hasLabel, labelIs } from "./filter.js";

/** Reads a double-quoted Go string, which is what a quoted value of a filter is. Throws where Go would. */
function unquote(text: string): { value: string; rest: string } {
  if (!text.startsWith('"')) throw new Error(`not quoted: ${text}`);
  let value = "";
  for (let at = 1; ; at++) {
    const char = text.charAt(at);
    if (char === "" || char === "\n") throw new Error("the string does not end");
    if (char === '"') return { value, rest: text.slice(at + 1) };
    if (char !== "\\") {
      value += char;
      continue;
    }
    const escape = text.charAt(++at);
    if (escape === '"' || escape === "\\") value += escape;
    else if (escape === "u" && /^[0-9a-f]{4}$/.test(text.slice(at + 1, at + 5))) {
      value += String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 5), 16));
      at += 4;
    } else throw new Error(`illegal escape \\${escape}`);
  }
}

/** Whole characters, whose every one UTF-8 can carry. */
const anyText = fc.string({ unit: "binary" });

describe("a condition", () => {
  test.each([
    [labelIs("voiyd.io/name", "web.1"), 'labels."voiyd.io/name"=="web.1"'],
    [hasLabel("voiyd.io/name"), 'labels."voiyd.io/name"'],
    [fieldIs("id", "abc"), 'id=="abc"'],
    [fieldIs("id", ""), 'id==""'],
    [fieldIs("id", 'x",id~=.*'), String.raw`id=="x\",id~=.*"`],
    [fieldIs("id", String.raw`\Qa\E`), String.raw`id=="\\Qa\\E"`],
    [fieldIs("id", "a\nb\t\0\u007f\u0085"), String.raw`id=="a\u000ab\u0009\u0000\u007f\u0085"`],
    [fieldIs("id", "é😀"), 'id=="é😀"'],
    [filter("a", "b", "c"), "a,b,c"],
  ])("%s", (actual, expected) => {
    expect(actual).toBe(expected);
  });

  test("S19: has any value as one quoted string, without a raw quote or control character inside", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const quoted = fieldIs("id", text).slice("id==".length);
        expect(unquote(quoted)).toEqual({ value: text, rest: "" });
        expect(quoted.slice(1, -1).replace(/\\["\\]/g, "")).not.toMatch(/["\p{Cc}]/u);
      }),
    );
  });

  test("has any key as one quoted string too, and nothing of either becomes grammar", () => {
    fc.assert(
      fc.property(anyText, anyText, (key, text) => {
        const afterKey = unquote(labelIs(key, text).slice("labels.".length));
        expect(afterKey.value).toBe(key);
        expect(afterKey.rest.slice(0, 2)).toBe("==");
        expect(unquote(afterKey.rest.slice(2))).toEqual({ value: text, rest: "" });
      }),
    );
  });
});
