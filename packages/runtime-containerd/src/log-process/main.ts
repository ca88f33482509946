import { realpathSync } from "node:fs";
import { logProgramPath } from "./program-path.js";
import { runLogProcess } from "./run-log-process.js";

export { type LogProgram, runLogProcess } from "./run-log-process.js";

/**
 * Whether this file is what was started: whoever only imports it means something else by its own command line. Through a link,
 * as packages of a workspace are installed and as the command finds them, it is started by another path than it has.
 */
function isStarted(program: string): boolean {
  return program.endsWith("main.js") && realpathSync(program) === realpathSync(logProgramPath());
}

const [, program = "", ...args] = process.argv;
if (isStarted(program)) void runLogProcess(args, { program: [process.execPath, program] });
