import { keep } from "./keeper.js";
import { takeKoffiFrom } from "../native/koffi.js";
import type { ProgramCommand } from "./program-command.js";

/** What the log process has to know of its own program. */
export interface LogProgram {
  /** How it is started: each of its two processes starts the other one anew. */
  readonly program: ProgramCommand;
  /** Where the package `koffi` comes from. Default: from where the program is installed. */
  readonly koffi?: (stateDir: string) => unknown;
}

/** Runs the log process in the role that its arguments name. Ends this process when it is done. */
export async function runLogProcess(
  [role, stateDir = ""]: readonly string[],
  { program, koffi }: LogProgram,
): Promise<never> {
  // The shim's logger and a terminal's job control end their processes with these; a log ends when its container does.
  for (const signal of ["SIGHUP", "SIGINT", "SIGPIPE"] as const) process.on(signal, () => undefined);
  if (koffi !== undefined) takeKoffiFrom(() => koffi(stateDir));
  try {
    await play(program, role, stateDir);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`the log process has failed: ${String(error)}\n`);
    process.exit(1);
  }
}

async function play(program: ProgramCommand, role: string | undefined, stateDir: string): Promise<void> {
  if (role === "keep") {
    await keep(program, stateDir);
  } else if (role === "write") {
    // The one that has to call the kernel: whoever only holds the pipes loads nothing for that.
    const { LogWriter } = await import("./writer.js");
    await LogWriter.run(program, stateDir);
  } else throw new Error("it is started by the runtime, not by hand");
}
