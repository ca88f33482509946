#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runProgram } from "../dist/program/program.js";

await runProgram({
  program: fileURLToPath(import.meta.url),
  version: () => JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version,
});
