import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";

const ROOT = join(import.meta.dirname, "../../..");

/** What attacks of the past have left. `docs/security.md` says what each asks for. */
const RULES = Array.from({ length: 26 }, (_, index) => index + 1);

/** What is known of containerd, its shims and the CNI plugins, and has to be lived with. */
const FINDINGS = Array.from({ length: 20 }, (_, index) => index + 1);

/** The start of the name of a test or a group, as in `test("F3, F4: …` and `test.each(…)("S3: …`. */
const NAMES = /(?:(?:test|describe)\(\s*|\)\()["`]((?:[FS]\d{1,2}(?:, )?)+): /g;

/** What tests are named after, as `S11` and `F3`. */
async function namedAfter(): Promise<ReadonlySet<string>> {
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
    texts.flatMap((text) => Array.from(text.matchAll(NAMES), ([, names = ""]) => names.split(", ")).flat()),
  );
}

describe("tests are named after", () => {
  let names: ReadonlySet<string>;
  beforeAll(async () => {
    names = await namedAfter();
  });

  test("each of the rules that attacks of the past have left", () => {
    expect(RULES.filter((rule) => !names.has(`S${String(rule)}`))).toEqual([]);
  });

  test("each of the findings about the systems underneath", () => {
    expect(FINDINGS.filter((finding) => !names.has(`F${String(finding)}`))).toEqual([]);
  });
});

test("every rule stands in docs/security.md", async () => {
  const text = await readFile(join(ROOT, "docs/security.md"), "utf8");
  expect(RULES.filter((rule) => !new RegExp(`^\\| S${String(rule)} +\\|`, "m").test(text))).toEqual([]);
});
