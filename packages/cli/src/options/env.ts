import { invalid, type EnvVar } from "@voiyd/runtime-api";
import { meaningfulLines } from "./lines.js";

const NOT_SHOWN = "(not shown)";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The variables of `-e` and of the files of `--env-file`. `NAME=value` is a variable, `NAME` alone takes the value of
 * our own and is left out where we have none. What comes later wins, and `-e` wins over files.
 */
export function parseEnvironment(assignments: readonly string[], files: readonly EnvFile[], own: Env): EnvVar[] {
  const variables = new Map<string, string>();
  for (const { path, text } of files) {
    meaningfulLines(text).forEach(({ line, number }) => {
      const name = line.split("=", 1)[0] ?? "";
      if (name === "" || /\s/.test(name)) {
        // The line can be a piece of a secret: never part of the message.
        throw invalid(
          `--env-file ${path} line ${String(number)}`,
          NOT_SHOWN,
          "NAME=value, with a name without white space",
        );
      }
      assign(variables, line, own);
    });
  }
  for (const assignment of assignments) {
    if (assignment === "" || assignment.startsWith("=")) throw invalid("--env", NOT_SHOWN, "NAME=value or NAME");
    assign(variables, assignment, own);
  }
  return Array.from(variables, ([name, value]) => ({ name, value }));
}

export interface EnvFile {
  readonly path: string;
  readonly text: string;
}

function assign(variables: Map<string, string>, assignment: string, own: Env): void {
  const equals = assignment.indexOf("=");
  const name = equals === -1 ? assignment : assignment.slice(0, equals);
  const value = equals === -1 ? own[name] : assignment.slice(equals + 1);
  if (value === undefined) return;
  // A repeated name takes the place of its last mention.
  variables.delete(name);
  variables.set(name, value);
}
