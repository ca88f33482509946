"use strict";
// Runs the program as the executable does, and leaves what V8 has compiled of its files in a folder, in one of the command's, to
// be taken up the next time: `record.cjs PROGRAM MAIN FOLDER ARGUMENT...`.
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { commandOf, loadChunks, loadLate } = require("../bin/load-program.cjs");

const [node, , program, main, folder, ...args] = process.argv;
process.argv = [node, "voiyd", ...args];
const own = join(folder, commandOf(process.argv));

process.on("exit", () => {
  mkdirSync(own, { recursive: true });
  for (const [name, script] of scripts) writeFileSync(join(own, name), script.createCachedData());
});

const scripts = [];
void loadChunks(main, {
  read: (name) => readFileSync(join(program, name), "utf8"),
  kept: (name) => (existsSync(join(own, name)) ? readFileSync(join(own, name)) : undefined),
  onLoaded: (name, script) => scripts.push([name, script]),
  filenameOf: (name) => name,
  modules: {},
  require: (id) => loadLate(require, id),
}).runProgram({ program: [node], version: () => "0.0.0" });
