import { describe, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const readme = await readFile("README.md", "utf8");

/** The text of a fenced block. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readme)?.[1] ?? "";
}

describe("the README", () => {
  test("has an example that writes what it says", async () => {
    const { stderr, stdout } = await run(process.execPath, ["--input-type=module", "--eval", block("js")]);
    expect(stdout).toBe("");
    expect(stderr.replace(/^\S+Z/gm, "2026-01-31T12:00:00.000Z")).toBe(block("text"));
  });

  test("has every export in its table", async () => {
    const index = await readFile("src/index.ts", "utf8");
    const exported = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = ""]) =>
      names.split(",").map((name) => name.trim()),
    );
    expect(exported.length).toBeGreaterThan(5);
    expect(exported.filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
  });
});
