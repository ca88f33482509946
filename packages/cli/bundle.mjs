// Bundles the program into a few files in dist/program. Each command, and what several share, is a part: a function that is run
// when it is asked for. A file for each would cost more than the work; all in one would have to be read through where nothing
// is kept of what was compiled. They are CommonJS, which Node.js loads in less time than modules; only modules can be split, so
// the parts are bundled as such first.
import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";

const FOLDER = "dist/program";
const target = "node20.19";
const common = { platform: "node", target, minifySyntax: true, minifyWhitespace: true, legalComments: "inline" };

/** What is loaded whenever the daemon is asked: the composition, and what that loads by itself. */
const COMPOSITION = ["src/composition.ts", "oci-registry/dist/esm/index.js"];

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const { metafile, warnings, outputFiles } = await build({
  ...common,
  entryPoints: ["src/program.ts"],
  outdir: FOLDER,
  bundle: true,
  splitting: true,
  format: "esm",
  metafile: true,
  sourcemap: "inline",
  sourcesContent: false,
  logLevel: "warning",
  write: false,
});
const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));

/** A part, and all that are loaded together with it. */
function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const { path, kind, external } of outputs.get(name).imports) {
    if (!external && kind === "import-statement") closure(basename(path), found);
  }
  return found;
}

/** By its part's name, the file that it is in: what every line needs, who asks the daemon, the commands, and what few need. */
function shareOut() {
  const files = new Map();
  const share = (file, names) => {
    for (const name of names) if (!files.has(name)) files.set(name, file);
  };
  const loadedFor = (isMeant) =>
    [...outputs].flatMap(([name, { entryPoint }]) => (isMeant(entryPoint ?? "") ? [...closure(name)] : []));
  share("program", closure("program.js"));
  share(
    "composition",
    loadedFor((entryPoint) => COMPOSITION.some((path) => entryPoint.endsWith(path))),
  );
  share(
    "commands",
    loadedFor((entryPoint) => entryPoint.startsWith("src/commands/")),
  );
  share("others", outputs.keys());
  return files;
}

const shared = shareOut();
/** Names of files that change with what is in them: what is kept of one is kept by its name (`bin/load-program.cjs`). */
const written = {
  composition: await writeParts("composition", "", "module.exports = parts;"),
  commands: await writeParts("commands", "", "module.exports = parts;"),
  others: await writeParts("others", "", "module.exports = parts;"),
};
const elsewhere = [...shared].flatMap(([name, file]) => (file === "program" ? [] : [[`./${name}`, written[file]]]));
const main = await writeParts(
  "program",
  `const elsewhere = ${JSON.stringify(Object.fromEntries(elsewhere))};`,
  // Runs each part once, when it is first asked for by its name; every other name is Node.js's to find.
  `
const loaded = new Map();
function load(name) {
  const part = parts[name] ?? (elsewhere[name] && require(elsewhere[name])[name]);
  if (part === undefined) return require(name);
  let module = loaded.get(name);
  if (module === undefined) {
    loaded.set(name, (module = { exports: {} }));
    part(module.exports, load, module);
  }
  return module.exports;
}
module.exports = load("./program.js");`,
);
writeFileSync(join(FOLDER, "package.json"), `${JSON.stringify({ type: "commonjs", main })}\n`);
if (warnings.length > 0) process.exitCode = 1;

/** Writes the parts of one file, with `before` and `after` around them; resolves with what requires it. */
async function writeParts(file, before, after) {
  let text = `"use strict";\n${before}\nconst parts = {\n`;
  // Of each part, where it begins and where what is in it comes from (an index map, ECMA-426).
  const sections = [];
  for (const [name] of [...shared].filter((entry) => entry[1] === file)) {
    const { code, map } = await transform(texts.get(name), {
      ...common,
      format: "cjs",
      // `import()` would start Node's module loader; `require` in its place loads as late.
      supported: { "dynamic-import": false },
      sourcemap: "external",
      sourcefile: name,
      sourcesContent: false,
    });
    text += `${JSON.stringify(`./${name}`)}(exports, require, module) {\n`;
    sections.push({ offset: { line: text.split("\n").length - 1, column: 0 }, map: JSON.parse(map) });
    text += `${code}},\n`;
  }
  text += `};\n${after}\n`;
  // One byte for each character, so that it is read without being decoded.
  if (/[^\0-\x7f]/.test(text)) throw new Error(`${file} has characters that are not ASCII`);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  const output = `${file}-${hash}.js`;
  writeFileSync(join(FOLDER, output), `${text}//# sourceMappingURL=${output}.map\n`);
  writeFileSync(join(FOLDER, `${output}.map`), JSON.stringify({ version: 3, sections }));
  return `./${output}`;
}
