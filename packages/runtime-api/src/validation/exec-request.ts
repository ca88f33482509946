import type { ExecRequest, TerminalSize } from "../capabilities/exec.js";
import { assertEnvironment } from "./environment.js";
import { invalid } from "./invalid.js";
import { assertAbsolutePath } from "./path.js";
import { parseUser } from "./user.js";

const FLAGS = ["tty", "privileged", "stdin", "detached"] as const;

/** The greatest number of columns or rows (`struct winsize` of `tty_ioctl(4)`). */
const MOST = 65_535;

/** Checks everything about a further process that can be checked without a host. Throws `INVALID_ARGUMENT`. */
export function assertExecRequest(request: ExecRequest): void {
  const { args, user, workingDir, envvars = [], size } = request;
  if (!Array.isArray(args) || args.length === 0) throw invalid("args", args, "a command with its arguments");
  for (const [index, arg] of args.entries()) {
    const allowed = index === 0 ? "a command, without NUL" : "a text without NUL";
    if (typeof arg !== "string" || arg.includes("\0") || (index === 0 && arg === ""))
      throw invalid(`args[${String(index)}]`, arg, allowed);
  }
  if (user !== undefined) parseUser(user);
  if (workingDir !== undefined) assertAbsolutePath("workingDir", workingDir);
  if (!Array.isArray(envvars)) throw invalid("envvars", envvars, "a list of objects");
  assertEnvironment(envvars);
  for (const flag of FLAGS) {
    const value: unknown = request[flag];
    if (value !== undefined && typeof value !== "boolean") throw invalid(flag, value, "true or false");
  }
  if (request.detached === true && request.stdin === true)
    throw invalid("stdin", true, "false for a detached process: nobody is there to write");
  if (size === undefined) return;
  if (request.tty !== true) throw invalid("size", size, "left out without tty");
  assertTerminalSize("size", size);
}

/** Throws `INVALID_ARGUMENT`. */
export function assertTerminalSize(option: string, size: TerminalSize): void {
  for (const [side, value] of [
    ["columns", size.columns],
    ["rows", size.rows],
  ] as const) {
    if (!Number.isInteger(value) || value < 0 || value > MOST)
      throw invalid(`${option}.${side}`, value, `a whole number from 0 to ${String(MOST)}`);
  }
}
