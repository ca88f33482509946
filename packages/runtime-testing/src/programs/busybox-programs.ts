import type { ContractPrograms } from "../contract/harness.js";
import { SCRIPTS } from "./scripts.js";

/** The suite's programs for an image with busybox's (or any POSIX) `sh`, `sleep` and `pwd` in its `PATH`. */
export const busyboxPrograms: ContractPrograms = {
  sleepForever: ["sleep", "1000000"],
  exitWith: (code) => shell(SCRIPTS.exit, String(code)),
  print: (stdout, stderr) => shell(SCRIPTS.print, stdout, stderr),
  printThenSleep: (stdout, stderr) => shell(SCRIPTS.printThenSleep, stdout, stderr),
  printOnTerm: (before, after) => shell(SCRIPTS.printOnTerm, before, after),
  ignoreTermThenSleep: shell(SCRIPTS.ignoreTerm),
  exitOnTermWith: (code) => shell(SCRIPTS.exitOnTerm, String(code)),
  printVariable: (name) => shell(SCRIPTS.printVariable, name),
  printWorkingDir: ["pwd"],
  commandThatDoesNotExist: ["no-such-command"],
  commandThatIsNotExecutable: ["/"],
};

/** `$0` is the shell's own name, the parameters follow. */
function shell(script: string, ...parameters: readonly string[]): readonly string[] {
  return ["sh", "-c", script, "sh", ...parameters];
}
