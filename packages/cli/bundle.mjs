// Bundles the program into dist/program, one chunk for each command: a hundred small files cost more than the work.
import { rmSync } from "node:fs";
import { build } from "esbuild";

rmSync("dist/program", { recursive: true, force: true });
const { warnings } = await build({
  entryPoints: ["src/program.ts"],
  outdir: "dist/program",
  chunkNames: "[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "linked",
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
});
if (warnings.length > 0) process.exitCode = 1;
