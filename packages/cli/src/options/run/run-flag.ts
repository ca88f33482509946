import type { OptionSpec } from "../../command-line/option-table.js";
import type { Surroundings } from "../../process/surroundings.js";
import { splitValues } from "../split-values.js";
import type { RequestDraft } from "./request-draft.js";

/** What a flag's value may be read from. */
export type Sources = Pick<Surroundings, "env" | "cwd" | "readFile">;

/** One flag of `voiyd run`: its grammar, its line in the help text, and what it means. A new flag is one of these. */
export interface RunFlag extends OptionSpec {
  /**
   * Writes into the draft what the flag says, with all its values in their order; called only when it was given. A flag of
   * kind `value` gets its last value alone. Absent: the command itself asks for the flag. Throws `INVALID_ARGUMENT`.
   */
  readonly apply?: (draft: RequestDraft, given: readonly string[], sources: Sources) => void | Promise<void>;
}

/** Flags by their long names. They are applied in the order of the table, whatever their order on the command line. */
export type RunFlags = Readonly<Record<string, RunFlag>>;

type Help = Pick<OptionSpec, "help" | "short" | "aliases" | "value">;

/** A flag of one value, the last one given. */
export function single(help: Help, read: (draft: RequestDraft, text: string, sources: Sources) => void): RunFlag {
  return {
    kind: "value",
    ...help,
    apply: (draft, given, sources) => {
      const last = given.at(-1);
      if (last !== undefined) read(draft, last, sources);
    },
  };
}

/** A flag that is there or not; `--flag=false` takes it back. */
export function toggle(help: Help, turnOn: (draft: RequestDraft) => void): RunFlag {
  return {
    kind: "flag",
    ...help,
    apply: (draft, given) => {
      if (given.at(-1) === "true") turnOn(draft);
    },
  };
}

/** A flag that may be given again and again. */
export function list(
  help: Help,
  read: (draft: RequestDraft, given: readonly string[], sources: Sources) => void | Promise<void>,
): RunFlag {
  return { kind: "list", ...help, apply: read };
}

/** The same, where one value may be several with commas between them, as nerdctl takes it: `--dns 1.1.1.1,8.8.8.8`. */
export function commaList(
  help: Help,
  read: (draft: RequestDraft, given: readonly string[], sources: Sources) => void | Promise<void>,
): RunFlag {
  return list(help, (draft, given, sources) => read(draft, given.flatMap(splitValues), sources));
}
