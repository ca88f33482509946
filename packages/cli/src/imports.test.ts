import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";

/** Cheap to load: no connection, no protocol buffers. */
const LIGHT = /^(?:node:|\.{1,2}\/|@voiyd\/runtime-api$)/;
/** To be loaded when it is asked for. */
const LATE =
  /^\.\/(?:run|ps|logs|inspect|stop|kill|rm|pull|images|cleanup|version|help|reap|exec|attach|top|start|restart|pause|unpause|wait|rename|update|create|cp|diff|commit)\.js$|composition\.js$/;

interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** What the program's files load together with themselves: neither types nor `import()`. */
function eagerImports(): Import[] {
  return readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("testing/"))
    .flatMap((file) => {
      const matches = readFileSync(join("src", file), "utf8").matchAll(/^import (?!type )[^;]*?"([^"]+)";$/gms);
      return Array.from(matches, ([, specifier = ""]) => ({ file, specifier }));
    });
}

describe("what is loaded at the start", () => {
  test("holds nothing heavy outside of the composition", () => {
    const heavy = eagerImports().filter(({ specifier }) => !LIGHT.test(specifier));
    expect(new Set(heavy.map(({ file }) => file))).toEqual(new Set(["composition.ts"]));
  });

  test("holds neither the composition nor any command", () => {
    const imports = eagerImports();
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.filter(({ specifier }) => LATE.test(specifier))).toEqual([]);
  });
});
