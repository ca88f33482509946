import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { OptionTable } from "./option-table.js";
import { parseCommandLine } from "./parse.js";

const TABLE: OptionTable = {
  detach: { kind: "flag", short: "d", help: "" },
  rm: { kind: "flag", help: "" },
  name: { kind: "value", short: "n", help: "" },
  publish: { kind: "list", short: "p", help: "" },
  network: { kind: "value", aliases: [{ name: "net", short: "N" }], help: "" },
  "pids-limit": { kind: "value", help: "" },
};

describe("a command line", () => {
  test.each<[string, string[], Partial<Record<string, unknown>>, string[]]>([
    ["flags", ["-d", "--rm"], { detach: true, rm: true }, []],
    ["flags that are taken back", ["--rm", "--rm=false"], { rm: false }, []],
    ["a value behind a space", ["--name", "x"], { name: "x" }, []],
    ["a value behind an equals sign", ["--name=a=b"], { name: "a=b" }, []],
    ["an empty value", ["--name", ""], { name: "" }, []],
    ["a short option with its value", ["-nx"], { name: "x" }, []],
    ["a short option with an equals sign", ["-n=x"], { name: "x" }, []],
    ["a value that begins with an equals sign", ["-n", "=x"], { name: "=x" }, []],
    ["a group of short options", ["-dp", "8080:80"], { detach: true, publish: ["8080:80"] }, []],
    ["a group that ends in a value", ["-dp8080:80"], { detach: true, publish: ["8080:80"] }, []],
    ["a negative value", ["--pids-limit", "-1"], { "pids-limit": "-1" }, []],
    ["the last of several values", ["--name", "x", "--name", "y"], { name: "y" }, []],
    ["a list", ["-p", "1", "--publish=2"], { publish: ["1", "2"] }, []],
    ["an alias", ["--net", "host"], { network: "host" }, []],
    ["an alias of one letter", ["-N", "host"], { network: "host" }, []],
    ["operands between options", ["a", "-d", "b"], { detach: true }, ["a", "b"]],
    ["what follows --", ["--", "-d"], { detach: false }, ["-d"]],
  ])("%s", (_, args, expected, operands) => {
    const parsed = parseCommandLine(args, TABLE);
    expect(parsed.operands).toEqual(operands);
    for (const [name, value] of Object.entries(expected)) {
      const kind = TABLE[name]?.kind;
      expect(kind === "flag" ? parsed.flag(name) : kind === "list" ? parsed.list(name) : parsed.value(name)).toEqual(
        value,
      );
    }
  });

  test.each<[string, string[], string]>([
    ["an unknown long option", ["--foo"], "unknown option: --foo"],
    ["an unknown long option with a value", ["--foo=x"], "unknown option: --foo"],
    ["an unknown short option in a group", ["-dx"], "unknown option: -x"],
    ["a name of Object's prototype", ["--constructor"], "unknown option: --constructor"],
    ["a missing value", ["--name"], "option --name needs a value"],
    ["a flag with a value", ["--rm=maybe"], 'option --rm takes true or false, not "maybe"'],
  ])("%s is refused", (_, args, message) => {
    expect(() => parseCommandLine(args, TABLE)).toThrow(message);
  });

  test("the first operand ends the options where a command asks for it", () => {
    const parsed = parseCommandLine(["-d", "image", "ls", "-l", "--name", "x", "--", "--foo"], TABLE, {
      interspersed: false,
    });
    expect(parsed.operands).toEqual(["image", "ls", "-l", "--name", "x", "--", "--foo"]);
    expect(parsed.value("name")).toBeUndefined();
  });

  test("whatever follows the first operand is handed on unchanged", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom("--", "-d", "--name", "-p", "--foo"))), (rest) => {
        expect(parseCommandLine(["--rm", "image", ...rest], TABLE, { interspersed: false }).operands).toEqual([
          "image",
          ...rest,
        ]);
        expect(parseCommandLine(["--rm", "--", "image", ...rest], TABLE, { interspersed: false }).operands).toEqual([
          "image",
          ...rest,
        ]);
      }),
    );
  });

  test("asking for an option that is not in the table is a mistake of the program", () => {
    expect(() => parseCommandLine([], TABLE).flag("foo")).toThrow(TypeError);
  });
});
