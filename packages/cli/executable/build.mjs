// Builds `dist/voiyd`: the command, what V8 compiled of it, and the Node.js that runs this, as one file that needs nothing else.
// With `--if-needed`, not when it is newer than what it is built of.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { inject } from "postject";
import { checkExecutable } from "./check.mjs";
import { hideEnvFile } from "./env-file.mjs";
import { compiledCode } from "./compiled-code.mjs";

const PACKAGE = fileURLToPath(new URL("../", import.meta.url));
const PROGRAM = join(PACKAGE, "dist/program");
const FOLDER = join(PACKAGE, "dist/executable");
const OUTPUT = join(PACKAGE, "dist/voiyd");
/** What Node.js looks at to know that it has something within it. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const require = createRequire(import.meta.url);
const LOG_PROGRAM = require.resolve("@voiyd/runtime-containerd/log-process");
/** Files, and folders of files, that end up in it. */
const INPUTS = [process.execPath, PROGRAM, join(PACKAGE, "bin"), join(PACKAGE, "executable"), dirname(LOG_PROGRAM)];

/** Whether a file is there, and none of these, nor of those in them, has come here since. */
function isNewest(file, inputs) {
  const since = statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? 0;
  const files = inputs.flatMap((path) =>
    statSync(path).isFile() ? [path] : readdirSync(path).map((name) => join(path, name)),
  );
  return files.every((path) => !statSync(path).isFile() || statSync(path).ctimeMs <= since);
}

const bundle = (entry, outfile, define = {}) =>
  build({
    entryPoints: [entry],
    outfile,
    define,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20.19",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "inline",
    logLevel: "warning",
  });

/** The add-on for this machine: the one that koffi itself takes here. */
function koffiFile() {
  require("koffi");
  const file = Object.keys(require.cache).find((path) => path.endsWith(".node"));
  if (file === undefined) throw new Error("koffi has loaded no add-on");
  return file;
}

if (process.argv.includes("--if-needed") && isNewest(OUTPUT, INPUTS)) process.exit(0);
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
const main = JSON.parse(readFileSync(join(PROGRAM, "package.json"), "utf8")).main.slice(2);

const assets = { "koffi.node": koffiFile(), "log-process.js": join(FOLDER, "log-process.js") };
await bundle(LOG_PROGRAM, assets["log-process.js"]);
for (const name of readdirSync(PROGRAM)) if (name.endsWith(".js")) assets[name] = join(PROGRAM, name);
const kept = [];
for (const [name, code] of await compiledCode(PROGRAM, main)) {
  const asset = `${name}.code`;
  mkdirSync(dirname((assets[asset] = join(FOLDER, asset))), { recursive: true });
  writeFileSync(assets[asset], code);
  kept.push(asset);
}
const start = join(FOLDER, "start.cjs");
await bundle(join(PACKAGE, "executable/start.cjs"), start, {
  VOIYD_VERSION: JSON.stringify(version),
  VOIYD_MAIN: JSON.stringify(main),
  VOIYD_KEPT: JSON.stringify(kept),
});

const config = join(FOLDER, "config.json");
const blob = join(FOLDER, "blob");
writeFileSync(
  config,
  JSON.stringify({ main: start, output: blob, disableExperimentalSEAWarning: true, useCodeCache: true, assets }),
);
execFileSync(process.execPath, ["--experimental-sea-config", config], { stdio: ["ignore", "ignore", "inherit"] });

const draft = join(FOLDER, "voiyd");
copyFileSync(process.execPath, draft);
chmodSync(draft, 0o755);
hideEnvFile(draft);
await inject(draft, "NODE_SEA_BLOB", readFileSync(blob), { sentinelFuse: FUSE });
checkExecutable(draft, version);
renameSync(draft, OUTPUT);
rmSync(FOLDER, { recursive: true });
