import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { COMMANDS } from "./commands/table.js";

/** What stands in the first column of the table of commands: names, with what they take. */
function inReadme(): string[] {
  const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
  const table = readme.slice(readme.indexOf("| `run "), readme.indexOf("### Options of `run`"));
  return table
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text));
}

test("the README has every command, and no other one", () => {
  const names = COMMANDS.filter(({ internal = false }) => !internal).map(({ name }) => name);
  const shown = inReadme();
  const isOf = (text: string, name: string): boolean => text === name || text.startsWith(`${name} `);
  expect(names.filter((name) => !shown.some((text) => isOf(text, name)))).toEqual([]);
  // Other names of the same commands are not in the overview.
  expect(shown.filter((text) => !COMMANDS.some(({ name }) => isOf(text, name)))).toEqual([]);
});
