import type { OptionTable } from "./option-table.js";

/** A parsed command line. Asking for an option that the command does not have is a mistake in the program. */
export class Arguments {
  readonly operands: readonly string[];
  readonly #table: OptionTable;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(table: OptionTable, values: ReadonlyMap<string, readonly string[]>, operands: readonly string[]) {
    this.#table = table;
    this.#values = values;
    this.operands = operands;
  }

  flag(name: string): boolean {
    return this.#given(name).at(-1) === "true";
  }

  value(name: string): string | undefined {
    return this.#given(name).at(-1);
  }

  list(name: string): readonly string[] {
    return this.#given(name);
  }

  #given(name: string): readonly string[] {
    if (!Object.hasOwn(this.#table, name)) throw new TypeError(`no option --${name} in this command's table`);
    return this.#values.get(name) ?? [];
  }
}
