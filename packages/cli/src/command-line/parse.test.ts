import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { OptionTable } from "./option-table.js";
import { parseCommandLine } from "./parse.js";
import { isOff, isOneOf, refusedOption } from "./refused-option.js";

const TABLE: OptionTable = {
  detach: { kind: "flag", short: "d", help: "" },
  rm: { kind: "flag", help: "" },
  run: { kind: "flag", short: "r", help: "" },
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
    ["a flag's value behind its letter", ["-d=false"], { detach: false }, []],
    ["a flag's value at the end of a group", ["-dr=false", "x"], { detach: true, run: false }, ["x"]],
    ["a flag's value whose letters are options", ["-d=true", "p"], { detach: true, publish: [] }, ["p"]],
    ["a value that looks like a flag's", ["-n", "-d=false", "-p-d=1"], { name: "-d=false", publish: ["-d=1"] }, []],
    ["a long option's value that looks like one", ["--name", "-d=false"], { name: "-d=false", detach: false }, []],
    ["what looks like one behind --", ["--", "-d=false"], { detach: false }, ["-d=false"]],
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
    ["a letter with a value", ["-d=maybe"], 'option --detach takes true or false, not "maybe"'],
    ["an unknown letter with a value", ["-x=false"], "unknown option: -x"],
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

  test("what looks like a flag's value behind the first operand is left alone", () => {
    const parsed = parseCommandLine(["-d", "image", "-d=false"], TABLE, { interspersed: false });
    expect(parsed.operands).toEqual(["image", "-d=false"]);
    expect(parsed.flag("detach")).toBe(true);
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

describe("an option that is known and not followed", () => {
  const table: OptionTable = {
    link: refusedOption("list", "there are no links", undefined, "l"),
    trust: refusedOption("flag", "nobody is asked", isOff),
    driver: refusedOption("value", "there is one alone", isOneOf("", "bridge")),
  };

  test.each([
    [["--link", "db"], "--link: there are no links"],
    [["-l", "db"], "--link: there are no links"],
    [["--trust"], "--trust: nobody is asked"],
    [["--driver", "overlay"], "--driver: there is one alone"],
    [["--driver", "overlay", "--driver", "bridge"], "--driver: there is one alone"],
  ])("%j is refused with the reason", (args, message) => {
    expect(() => parseCommandLine(args, table)).toThrow(expect.objectContaining({ code: "UNIMPLEMENTED", message }));
  });

  test("may ask for what is so anyway", () => {
    expect(() => parseCommandLine(["--trust=false", "--trust=0", "--driver", "bridge"], table)).not.toThrow();
  });
});
