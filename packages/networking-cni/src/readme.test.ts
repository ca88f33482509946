import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";

test("the README's example of the protocol runs as it stands", () => {
  const blocks = Array.from(
    readFileSync("README.md", "utf8").matchAll(/```ts\n([\s\S]*?)```/g),
    ([, code = ""]) => code,
  );
  const code = blocks.find((block) => block.includes("encodeRequest")) ?? "";
  const dir = mkdtempSync(join(tmpdir(), "voiyd-readme-"));
  try {
    // What only the compiler reads is left out.
    const program = code
      .replace('"@voiyd/networking-cni"', JSON.stringify(resolve("dist/esm/index.js")))
      .replaceAll(" as const", "");
    writeFileSync(join(dir, "example.mjs"), program);
    expect(execFileSync(process.execPath, [join(dir, "example.mjs")], { encoding: "utf8" })).toBe(
      'ADD {"type":"bridge","name":"net","cniVersion":"1.0.0"}\n[ { address: \'10.0.0.2/24\' } ]\n',
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
