import type { OptionTable } from "./option-table.js";

interface Named {
  readonly name: string;
  readonly takesValue: boolean;
}

/**
 * Writes `-it=false` as `-i --tty=false`: Docker takes a flag's value behind its letter too, and `parseArgs` takes each of
 * the characters for another letter.
 */
export function spellOutFlags(args: readonly string[], table: OptionTable, interspersed: boolean): string[] {
  const { byName, byLetter } = lookup(table);
  const written: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    const isOption = arg.startsWith("-") && arg !== "-";
    if (arg === "--" || (!isOption && !interspersed)) return [...written, ...args.slice(index)];
    let needsValue = false;
    if (arg.startsWith("--")) {
      needsValue = byName.get(arg.slice(2))?.takesValue === true;
      written.push(arg);
    } else if (isOption) {
      const { length, last } = flagsOf(arg, byLetter);
      needsValue = last?.takesValue === true && length === arg.length;
      const isAssigned = last?.takesValue === false && arg[length] === "=";
      if (isAssigned && length > 2) written.push(arg.slice(0, length - 1));
      written.push(isAssigned ? `--${last.name}${arg.slice(length)}` : arg);
    } else {
      written.push(arg);
    }
    if (needsValue && index + 1 < args.length) {
      index += 1;
      written.push(args[index] ?? "");
    }
  }
  return written;
}

/** How far the letters of `-abc` go, and what the last of them stands for: one that takes a value is the last. */
function flagsOf(
  arg: string,
  byLetter: ReadonlyMap<string, Named>,
): { readonly length: number; readonly last?: Named } {
  let last: Named | undefined;
  let length = 1;
  for (const letter of arg.slice(1)) {
    const named = byLetter.get(letter);
    if (named === undefined || last?.takesValue === true) break;
    last = named;
    length += letter.length;
  }
  return { length, ...(last === undefined ? {} : { last }) };
}

function lookup(table: OptionTable): {
  readonly byName: ReadonlyMap<string, Named>;
  readonly byLetter: ReadonlyMap<string, Named>;
} {
  const all = Object.entries(table).flatMap(([name, spec]) =>
    [{ name, short: spec.short }, ...(spec.aliases ?? []).map((one) => ({ name: one.name, short: one.short }))].map(
      (one) => ({ ...one, takesValue: spec.kind !== "flag" }),
    ),
  );
  return {
    byName: new Map(all.map((one) => [one.name, one])),
    byLetter: new Map(all.flatMap((one) => (one.short === undefined ? [] : [[one.short, one]]))),
  };
}
