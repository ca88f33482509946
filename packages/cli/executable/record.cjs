"use strict";
// Runs the program as the executable does, and leaves what V8 has compiled of its files in a folder, to be taken up the next
// time: `record.cjs PROGRAM MAIN FOLDER ARGUMENT...`.
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { loadChunks, loadLate } = require("../bin/load-program.cjs");

const [node, , program, main, folder, ...args] = process.argv;
process.argv = [node, "voiyd", ...args];

process.on("exit", () => {
  for (const [name, script] of scripts) writeFileSync(join(folder, name), script.createCachedData());
});

const scripts = [];
void loadChunks(main, {
  read: (name) => readFileSync(join(program, name), "utf8"),
  kept: (name) => (existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined),
  onLoaded: (name, script) => scripts.push([name, script]),
  filenameOf: (name) => name,
  modules: {},
  require: (id) => loadLate(require, id),
}).runProgram({ program: [node], version: () => "0.0.0" });
