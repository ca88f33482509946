#!/usr/bin/env node
"use strict";
// CommonJS, because Node.js starts it in less time than modules.
const { join } = require("node:path");

const { runProgram } = require("../dist/program/program.js");

void runProgram({
  program: __filename,
  version: () => require(join(__dirname, "..", "package.json")).version,
});
