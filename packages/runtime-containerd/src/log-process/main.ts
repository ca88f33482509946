import { keep } from "./keeper.js";
import { LogWriter } from "./writer.js";

const [, program = "", role, stateDir = ""] = process.argv;

// The shim's logger and a terminal's job control end their processes with these; a log ends when its container does.
for (const signal of ["SIGHUP", "SIGINT", "SIGPIPE"] as const) process.on(signal, () => undefined);

function fail(error: unknown): void {
  process.stderr.write(`the log process has failed: ${String(error)}\n`);
  process.exit(1);
}

if (role === "keep") keep(program, stateDir).then(() => process.exit(0), fail);
else if (role === "write") LogWriter.run(program, stateDir).catch(fail);
else fail(new Error("it is started by the runtime, not by hand"));
