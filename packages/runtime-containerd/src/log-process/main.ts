import { realpathSync } from "node:fs";
import { keep } from "./keeper.js";
import { logProgramPath } from "./program-path.js";

/** Runs the log process in the role that the command line names. Ends this process when it is done. */
export async function runLogProcess([, program = "", role, stateDir = ""]: readonly string[]): Promise<never> {
  // The shim's logger and a terminal's job control end their processes with these; a log ends when its container does.
  for (const signal of ["SIGHUP", "SIGINT", "SIGPIPE"] as const) process.on(signal, () => undefined);
  try {
    await play(program, role, stateDir);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`the log process has failed: ${String(error)}\n`);
    process.exit(1);
  }
}

async function play(program: string, role: string | undefined, stateDir: string): Promise<void> {
  if (role === "keep") {
    await keep(program, stateDir);
  } else if (role === "write") {
    // The one that has to call the kernel: whoever only holds the pipes loads nothing for that.
    const { LogWriter } = await import("./writer.js");
    await LogWriter.run(program, stateDir);
  } else throw new Error("it is started by the runtime, not by hand");
}

/**
 * Whether this file is what was started: whoever only imports it means something else by its own command line. Through a link,
 * as packages of a workspace are installed and as the command finds them, it is started by another path than it has.
 */
function isStarted(): boolean {
  const [, program] = process.argv;
  return program?.endsWith("main.js") === true && realpathSync(program) === realpathSync(logProgramPath());
}

if (isStarted()) void runLogProcess(process.argv);
