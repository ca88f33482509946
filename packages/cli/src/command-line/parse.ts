import { parseArgs } from "node:util";
import { RuntimeError } from "@voiyd/runtime-api";
import { parseBoolean } from "./boolean.js";
import { Arguments } from "./arguments.js";
import type { OptionSpec, OptionTable } from "./option-table.js";
import { spellOutFlags } from "./short-flags.js";
import { UsageError } from "./usage-error.js";

export interface ParseOptions {
  /** Default true. False: the first operand ends the options, and what follows it is taken as it stands. */
  readonly interspersed?: boolean;
}

interface OptionToken {
  readonly kind: "option";
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

/**
 * Reads a command line the way Docker's users know it: `-dp 80:80`, `--name=x`, `--pids-limit -1`, `--rm=false`.
 * `parseArgs` runs in its lenient mode, where a value may begin with a hyphen; what it lets pass is checked here.
 * Throws {@link UsageError}, and `UNIMPLEMENTED` for an option that is known and not followed.
 */
export function parseCommandLine(words: readonly string[], table: OptionTable, options: ParseOptions = {}): Arguments {
  const args = spellOutFlags(words, table, options.interspersed !== false);
  const canonical = canonicalNames(table);
  const { tokens } = parseArgs({
    args,
    options: parserConfig(table),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });

  const values = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option") {
      const name = canonical.get(token.name);
      const spec = name === undefined ? undefined : table[name];
      if (name === undefined || spec === undefined) throw new UsageError(`unknown option: ${token.rawName}`);
      const given = values.get(name) ?? [];
      const value = valueOf(token, spec);
      if (spec.refuses?.(value) === true) {
        throw new RuntimeError("UNIMPLEMENTED", `--${name}: ${spec.help}`, { details: { option: `--${name}` } });
      }
      given.push(value);
      values.set(name, given);
    } else if (options.interspersed === false) {
      operands.push(...args.slice(token.kind === "positional" ? token.index : token.index + 1));
      break;
    } else if (token.kind === "positional") {
      operands.push(token.value);
    }
  }
  return new Arguments(table, values, operands);
}

function valueOf(token: OptionToken, spec: OptionSpec): string {
  if (spec.kind === "flag") {
    const on = parseBoolean(token.value ?? "true");
    if (on !== undefined) return String(on);
    throw new UsageError(`option ${token.rawName} takes true or false, not ${JSON.stringify(token.value)}`);
  }
  if (token.value === undefined) throw new UsageError(`option ${token.rawName} needs a value`);
  const isShort = !token.rawName.startsWith("--");
  return isShort && token.inlineValue === true && token.value.startsWith("=") ? token.value.slice(1) : token.value;
}

function canonicalNames(table: OptionTable): ReadonlyMap<string, string> {
  const own = Object.keys(table).map((name): [string, string] => [name, name]);
  const aliases = Object.entries(table).flatMap(([name, spec]) =>
    (spec.aliases ?? []).map((alias): [string, string] => [alias.name, name]),
  );
  return new Map([...own, ...aliases]);
}

type ParserConfig = Record<string, { type: "boolean" | "string"; short?: string; multiple: true }>;

function parserConfig(table: OptionTable): ParserConfig {
  const config: ParserConfig = {};
  for (const [name, spec] of Object.entries(table)) {
    const type = spec.kind === "flag" ? "boolean" : "string";
    for (const { short, ...one } of [{ ...spec, name }, ...(spec.aliases ?? [])]) {
      config[one.name] = { type, multiple: true, ...(short === undefined ? {} : { short }) };
    }
  }
  return config;
}
