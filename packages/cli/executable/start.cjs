"use strict";
// The first file of `voiyd` as a single executable, where the program's files are assets of it. As `bin/voiyd.cjs`, it answers
// `--version` before anything else is loaded.
const { closeSync, openSync, rmSync, unlinkSync, writeFileSync, writeSync } = require("node:fs");
const { join } = require("node:path");
const { getRawAsset } = require("node:sea");
const { commandOf, loadChunks, loadLate } = require("../bin/load-program.cjs");

/** Written in by `build.mjs`: the package's version, the program's first file, and the code that was kept. */
/* global VOIYD_VERSION, VOIYD_MAIN, VOIYD_KEPT */

/** The first argument of the two processes that write logs. Nobody else says it, and it does nothing that root could not. */
const LOG_PROCESS = "__log-process";

const version = () => VOIYD_VERSION;
const [, , first, ...rest] = process.argv;

/** False where the output does not take it, too: the program then meets the same failure, and knows what to say. */
function toldVersion() {
  if (rest.length > 0 || (first !== "--version" && first !== "-v")) return false;
  try {
    writeFileSync(1, `voiyd ${version()}\n`);
    return true;
  } catch {
    return false;
  }
}

function load(main) {
  const shortcuts = process.env.VOIYD_SHORTCUTS !== "off";
  const code = (name) => `${commandOf(process.argv)}/${name}.code`;
  return loadChunks(main, {
    read: (name) => Buffer.from(getRawAsset(name)).toString(),
    kept: (name) => (shortcuts && VOIYD_KEPT.includes(code(name)) ? Buffer.from(getRawAsset(code(name))) : undefined),
    filenameOf: (name) => `voiyd:${name}`,
    modules: {},
    require: shortcuts ? (id) => loadLate(require, id) : require,
  });
}

/**
 * The add-on that calls the kernel. It can only be loaded from a file: from one that has its name no longer when it is
 * written, so that it is nobody else's to change, and gone with us however we end.
 */
function koffi(folder) {
  const path = join(folder, `.koffi-${process.pid}`);
  // One that was killed in between, with this number.
  rmSync(path, { force: true });
  const file = openSync(path, "wx+", 0o700);
  try {
    unlinkSync(path);
    const bytes = new Uint8Array(getRawAsset("koffi.node"));
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    const module = { exports: {} };
    process.dlopen(module, `/proc/self/fd/${file}`);
    return module.exports;
  } finally {
    closeSync(file);
  }
}

const own = [process.execPath];
const logProgram = [...own, LOG_PROCESS];

if (first === LOG_PROCESS) void load("log-process.js").runLogProcess(rest, { program: logProgram, koffi });
else if (!toldVersion()) void load(VOIYD_MAIN).runProgram({ program: own, version, logProgram });
