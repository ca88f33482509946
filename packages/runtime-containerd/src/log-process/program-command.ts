import { logProgramPath } from "./program-path.js";

/** How a program is started: its file and its first arguments, after which those of the single start come. */
export type ProgramCommand = readonly [file: string, ...args: string[]];

/** The log process as it comes with this package: a file that Node.js runs. */
export function logProgram(): ProgramCommand {
  return [process.execPath, logProgramPath()];
}
