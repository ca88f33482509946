import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

const SOURCES = join(import.meta.dirname, "..");

test("every test that builds a specification has it checked against the schema", () => {
  const tests = readdirSync(SOURCES, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"));
  const texts = tests.map((file) => ({ file, text: readFileSync(join(SOURCES, file), "utf8") }));
  expect(
    texts.filter(({ text }) => /testing\/(?:checked-spec|build-options)\.js"/.test(text)).length,
  ).toBeGreaterThanOrEqual(5);
  const unchecked = texts.filter(({ text }) => /^import (?!type )[^;]*"[^"]*\/build-spec\.js"/m.test(text));
  expect(unchecked.map(({ file }) => file)).toEqual([]);
});
