import { parseArgs } from "node:util";
import type { Scale, Scenario } from "./scenario.js";

export interface Request {
  readonly scenarios: readonly Scenario[];
  readonly scale: Scale;
}

export const USAGE = "npm run bench [-- [--smoke] [NAME…]]";

/** What the command line asks for. Throws, with the names that there are, for one that there is not. */
export function readArguments(args: readonly string[], all: readonly Scenario[]): Request {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { smoke: { type: "boolean", default: false } },
  });
  const unknown = positionals.filter((name) => !all.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `there is no scenario ${unknown.join(", ")}\n${USAGE}\n${all.map(({ name, title }) => `  ${name.padEnd(16)} ${title}`).join("\n")}`,
    );
  }
  const { smoke } = values;
  return {
    scenarios: positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name)),
    scale: { smoke, pick: (full, little) => (smoke ? little : full) },
  };
}
