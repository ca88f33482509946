import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { runModule } from "../testing/run-module.js";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const BUILT = `${PACKAGE}dist/cjs/native/own-package.js`;

/** What the built code finds of its own package when it stands in a file of another name, as bundlers have it. */
async function findFrom(filename: string): Promise<unknown> {
  await using other = runModule(`
    import { readFileSync } from "node:fs";
    import { createRequire } from "node:module";
    import { Script } from "node:vm";
    const source = readFileSync(${JSON.stringify(BUILT)}, "utf8");
    const options = { filename: ${JSON.stringify(filename)} };
    const run = new Script("(exports, require) => {" + source + "\\n}", options).runInThisContext();
    const found = {};
    run(found, createRequire(${JSON.stringify(BUILT)}));
    console.log(JSON.stringify(found.findPackageFile("package.json") ?? "nothing"));
  `);
  return JSON.parse(await other.line());
}

test.each([
  ["where it is built", BUILT, `${PACKAGE}package.json`],
  ["in a bundle beside the package", `${PACKAGE}bundle.js`, `${PACKAGE}package.json`],
  ["in a bundle without the package", "/nowhere/bundle.js", "nothing"],
  ["in a program that is one file", "voiyd:main.js", "nothing"],
])("code %s finds its package, or knows that there is none", async (_where, filename, found) => {
  expect(await findFrom(filename)).toBe(found);
});
