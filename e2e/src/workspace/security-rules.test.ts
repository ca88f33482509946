import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "../../..");

/** The rules about specifications, users, mounts, labels and copies. `docs/security.md` says what each asks for. */
const RULES = [1, 8, 9, 10, 11, 12, 14, 15, 18, 21, 23, 26];

/** The rules that tests are named after, as `S11: …`. */
async function rulesWithTests(): Promise<ReadonlySet<number>> {
  const files = (
    await Promise.all(
      ["packages", "e2e/src"].map(async (folder) =>
        (await readdir(join(ROOT, folder), { recursive: true }))
          .filter((file) => file.endsWith(".test.ts") && !file.includes("node_modules"))
          .map((file) => join(ROOT, folder, file)),
      ),
    )
  ).flat();
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  return new Set(
    texts.flatMap((text) => Array.from(text.matchAll(/test\(\s*"S(\d{1,2}): /g), ([, number]) => Number(number))),
  );
}

describe("the rules that attacks of the past have left", () => {
  test("have each a test that is named after it", async () => {
    const found = await rulesWithTests();
    expect(RULES.filter((rule) => !found.has(rule))).toEqual([]);
  });

  test("stand each in docs/security.md", async () => {
    const text = await readFile(join(ROOT, "docs/security.md"), "utf8");
    expect(RULES.filter((rule) => !text.includes(`| S${String(rule)} |`))).toEqual([]);
  });
});
