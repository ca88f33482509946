import type { Command } from "../commands/command.js";
import { GLOBAL_OPTIONS, withGlobalOptions, type OptionTable } from "./option-table.js";

export interface CommandSummary {
  readonly name: string;
  readonly summary: string;
}

/** What `voiyd help` prints. */
export function overview(commands: readonly CommandSummary[]): string {
  return [
    "usage: voiyd [OPTIONS] COMMAND [ARG...]",
    "",
    "Runs containers on containerd.",
    "",
    "commands:",
    ...alignment(commands.map(({ name, summary }) => [name, summary])),
    "",
    "options, before the command:",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    "voiyd COMMAND --help says more about a command.",
    "",
  ].join("\n");
}

/** What `voiyd COMMAND --help` prints. */
export function commandHelp(command: Command): string {
  return [
    usageLine(command),
    "",
    `${command.summary}.`,
    "",
    "options:",
    ...optionLines(withGlobalOptions(command.options)),
    "",
  ].join("\n");
}

export function usageLine(command: Pick<Command, "usage">): string {
  return `usage: voiyd ${command.usage}`;
}

function optionLines(table: OptionTable): string[] {
  const rows = Object.entries(table)
    .filter(([, spec]) => spec.hidden !== true)
    .sort(([a], [b]) => a.localeCompare(b, "en"))
    .map(([name, spec]): readonly [string, string] => {
      const short = spec.short === undefined ? "    " : `-${spec.short}, `;
      const value = spec.kind === "flag" ? "" : ` ${spec.value ?? "VALUE"}`;
      return [`${short}--${name}${value}`, spec.kind === "list" ? `${spec.help} (repeatable)` : spec.help];
    });
  return alignment(rows);
}

function alignment(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
