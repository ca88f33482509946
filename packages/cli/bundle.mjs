// Bundles the program into dist/program, one chunk for each command: a hundred small files cost more than the work. The
// chunks are CommonJS, which Node.js loads in less time than modules; only modules can be split, so they are bundled as
// such first.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";

const FOLDER = "dist/program";
const target = "node20.19";

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const { warnings, outputFiles } = await build({
  entryPoints: ["src/program.ts"],
  outdir: FOLDER,
  // Names that change with what is in the files: what is kept of them is kept by name (`bin/load-program.cjs`).
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "inline",
  sourcemap: "inline",
  sourcesContent: false,
  logLevel: "warning",
  write: false,
});
for (const { path, text } of outputFiles) {
  const name = basename(path);
  const { code, map } = await transform(text, {
    format: "cjs",
    platform: "node",
    target,
    // `import()` would start Node's module loader; `require` in its place loads as late.
    supported: { "dynamic-import": false },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "inline",
    sourcemap: "external",
    sourcefile: name,
    sourcesContent: false,
  });
  writeFileSync(join(FOLDER, name), `${code}//# sourceMappingURL=${name}.map\n`);
  writeFileSync(join(FOLDER, `${name}.map`), map);
}
const main = outputFiles.map(({ path }) => basename(path)).find((name) => name.startsWith("program-"));
writeFileSync(join(FOLDER, "package.json"), `${JSON.stringify({ type: "commonjs", main: `./${main}` })}\n`);
if (warnings.length > 0) process.exitCode = 1;
