import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

/** Cheap to load: no connection, no protocol buffers. */
const LIGHT = /^(?:node:|@voiyd\/runtime-api$)/;
/** What is loaded with a file: neither types nor `import()`. */
const EAGER = /^(?:import|export) (?!type )(?:[^;"=]* from )?"([^"]+)";$/gm;
const LATE = /\bimport\("([^"]+)"\)/g;

/** What a file loads in one of the two ways; files of ours by their paths, packages by their names. */
function importsOf(file: string, how: RegExp): string[] {
  return Array.from(readFileSync(join("src", file), "utf8").matchAll(how), ([, specifier = ""]) =>
    specifier.startsWith(".") ? join(file, "..", specifier).replace(/\.js$/, ".ts") : specifier,
  );
}

const isOurs = (imported: string): boolean => imported.endsWith(".ts");

/** The program, and every file that is loaded together with it. */
function loadedAtStart(): string[] {
  const loaded = new Set(["program.ts"]);
  for (const file of loaded) for (const next of importsOf(file, EAGER).filter(isOurs)) loaded.add(next);
  return [...loaded];
}

describe("what is loaded at the start", () => {
  test("holds nothing heavy", () => {
    const loaded = loadedAtStart();
    expect(loaded.length).toBeGreaterThan(10);
    const heavy = loaded.flatMap((file) =>
      importsOf(file, EAGER)
        .filter((imported) => !isOurs(imported) && !LIGHT.test(imported))
        .map((imported) => `${file} loads ${imported}`),
    );
    expect(heavy).toEqual([]);
  });

  test("holds neither the composition nor any command", () => {
    const loaded = loadedAtStart();
    const late = loaded.flatMap((file) => importsOf(file, LATE)).filter(isOurs);
    expect(late).toEqual(expect.arrayContaining(["composition.ts", "commands/run.ts", "commands/ps.ts"]));
    expect(late.filter((file) => loaded.includes(file))).toEqual([]);
  });
});
