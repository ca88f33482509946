import { describe, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const readme = await readFile("README.md", "utf8");

describe("the README", () => {
  test("has an example that prints what it says", async () => {
    const example = /```js\n([^]*?)```/.exec(readme)?.[1] ?? "";
    const { stderr, stdout } = await run(process.execPath, ["--input-type=module", "--eval", example]);
    expect(stderr).toBe("");
    expect(stdout.trim()).toBe(/^prints `(.*)`\.$/m.exec(readme)?.[1]);
  });

  test("has every export in its table", async () => {
    const index = await readFile("src/index.ts", "utf8");
    const exported = [...index.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = ""]) =>
      names.split(",").map((name) => name.trim()),
    );
    expect(exported.length).toBeGreaterThan(8);
    expect(exported.filter((name) => !readme.includes(`\`${name}`))).toEqual([]);
  });
});
