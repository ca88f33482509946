import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parseEnvironment } from "./env.js";

const own = { HOME: "/home/ada", EMPTY: "" };

describe("the environment", () => {
  test.each<[string[], [string, string][]]>([
    [["A=1"], [["A", "1"]]],
    [["A="], [["A", ""]]],
    [["A=b=c"], [["A", "b=c"]]],
    [['A="b"'], [["A", '"b"']]],
    [["HOME"], [["HOME", "/home/ada"]]],
    [["EMPTY"], [["EMPTY", ""]]],
    [["ABSENT"], []],
    [
      ["A=1", "B=2", "A=3"],
      [
        ["B", "2"],
        ["A", "3"],
      ],
    ],
    [["__proto__=x"], [["__proto__", "x"]]],
  ])("%j of the command line", (assignments, expected) => {
    expect(parseEnvironment(assignments, [], own)).toEqual(expected.map(([name, value]) => ({ name, value })));
  });

  test("a file has comments and empty lines, takes quotes as they are, and loses to the command line", () => {
    const text = '\ufeff# comment\n\n  A=from file\r\nB="quoted" # not a comment\nHOME\nABSENT\nC=\n';
    expect(parseEnvironment(["A=from option"], [{ path: "x.env", text }], own)).toEqual([
      { name: "B", value: '"quoted" # not a comment' },
      { name: "HOME", value: "/home/ada" },
      { name: "C", value: "" },
      { name: "A", value: "from option" },
    ]);
  });

  test.each(["", "=secret"])("%j is refused", (assignment) => {
    expect(() => parseEnvironment([assignment], [], own)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });

  test("a wrong line of a file is named by its number, and not shown", () => {
    const parse = (): unknown => parseEnvironment([], [{ path: "x.env", text: "A=1\nmy secret=2" }], own);
    expect(parse).toThrow("--env-file x.env line 2");
    expect(parse).not.toThrow("secret");
  });

  test("what is assigned is what comes back", () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,10}$/);
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), (variables) => {
        const entries = Object.entries(variables);
        const parsed = parseEnvironment(
          entries.map(([key, value]) => `${key}=${value}`),
          [],
          {},
        );
        expect(parsed.map((variable) => [variable.name, variable.value])).toEqual(entries);
      }),
    );
  });
});
