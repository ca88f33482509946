#!/bin/sh
":" //; exec node -- "$0" "$@"
"use strict";
// The shell reads two lines of this: without the two hyphens, Node.js takes --env-file for itself wherever it stands, fails for
// a file that is missing, and sets the variables of one that is there, its own NODE_OPTIONS among them, before anything is run.

// CommonJS, because Node.js starts it in less time than modules.
const { writeFileSync } = require("node:fs");
const { join } = require("node:path");

const version = () => require("../package.json").version;

/**
 * Answers `voiyd --version` before the program is loaded, and without Node's stream for the output: each takes as long as a
 * third of Node's own start. False for every other line, and where the output does not take it: the program then meets the
 * same failure, and knows what to say.
 */
function toldVersion() {
  const [, , option, ...rest] = process.argv;
  if (rest.length > 0 || (option !== "--version" && option !== "-v")) return false;
  try {
    writeFileSync(1, `voiyd ${version()}\n`);
    return true;
  } catch {
    return false;
  }
}

/** The program; with `VOIYD_SHORTCUTS=off`, as Node.js loads it. */
function program() {
  const folder = join(__dirname, "../dist/program");
  return process.env.VOIYD_SHORTCUTS === "off" ? require(folder) : require("./load-program.cjs").loadProgram(folder);
}

if (!toldVersion()) void program().runProgram({ program: [process.execPath, __filename], version });
