import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { escapeLines, escapeText, LogEscaper, toJson } from "./escape.js";

const ATTACKS: readonly [string, string, string][] = [
  ["a clipboard write (OSC 52)", "\u001b]52;c;cm0gLXJm\u0007", "\\x1b]52;c;cm0gLXJm\\x07"],
  ["a window title", "\u001b]0;root@host\u0007", "\\x1b]0;root@host\\x07"],
  ["a cursor report (CSI 6n)", "\u001b[6n", "\\x1b[6n"],
  ["a C1 control sequence", "\u009b31m", "\\x9b31m"],
  ["an override of the reading direction", "abc\u202egnp.exe", "abc\\u202egnp.exe"],
  ["an isolate", "\u2066x\u2069", "\\u2066x\\u2069"],
  ["a line that overwrites itself", "good\rbad", "good\\rbad"],
  ["backspaces", "ab\b\bx", "ab\\x08\\x08x"],
  ["DEL and NUL", "\u007f\u0000", "\\x7f\\x00"],
  ["a line separator", "a\u2028b", "a\\u2028b"],
];

describe("text for a terminal", () => {
  test.each(ATTACKS)("S17: %s is written out", (_, text, expected) => {
    expect(escapeText(text)).toBe(expected);
    expect(escapeLines(text)).toBe(expected);
  });

  test("line ends and tabs stay in lines, and nowhere else", () => {
    expect(escapeText("a\tb\n")).toBe("a\\tb\\n");
    expect(escapeLines("a\tb\n")).toBe("a\tb\n");
  });

  test("letters of all scripts and symbols stay as they are", () => {
    expect(escapeText("naïve Ελλάδα 日本語 עברית 🦆")).toBe("naïve Ελλάδα 日本語 עברית 🦆");
  });

  test("half of a surrogate pair is written out", () => {
    expect(escapeText("\ud83e")).toBe("\\ud83e");
  });
});

describe("JSON for a terminal", () => {
  test("is free of controls and means the same", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...ATTACKS.map(([, text]) => text))), (text) => {
        const json = toJson({ [text]: text }, 2);
        expect(escapeText(json.replaceAll("\n", ""))).toBe(json.replaceAll("\n", ""));
        expect(JSON.parse(json)).toEqual(Object.fromEntries([[text, text]]));
      }),
    );
  });
});

describe("a log for a terminal", () => {
  test("does not depend on where the stream was cut", () => {
    const bytes = new TextEncoder().encode("line 🦆\r\nsecond\rthird\r\n\u001b[31mred\u202e\r");
    const whole = "line 🦆\nsecond\\rthird\n\\x1b[31mred\\u202e\\r";
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length)), (cuts) => {
        const escaper = new LogEscaper();
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((edge, index) => escaper.write(bytes.subarray(edges[index], edge)));
        expect(pieces.join("") + escaper.end()).toBe(whole);
      }),
    );
  });

  test("bytes that are no UTF-8 become replacement characters", () => {
    const escaper = new LogEscaper();
    expect(escaper.write(new Uint8Array([0x9b, 0x33, 0x31, 0x6d])) + escaper.end()).toBe("\ufffd31m");
  });
});
