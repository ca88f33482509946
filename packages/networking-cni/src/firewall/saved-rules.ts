/** One table as `iptables-save` prints it. */
export interface SavedTable {
  readonly name: string;
  readonly chains: ReadonlySet<string>;
  /** The rules as they were printed, each beginning with `-A <chain> `. */
  readonly rules: readonly string[];
}

/** Reads what `iptables-save` prints. Lines of another kind are left out. */
export function parseSavedRules(text: string): readonly SavedTable[] {
  const tables: { name: string; chains: Set<string>; rules: string[] }[] = [];
  for (const line of text.split("\n")) {
    const table = tables.at(-1);
    if (line.startsWith("*")) tables.push({ name: line.slice(1).trim(), chains: new Set(), rules: [] });
    else if (line.startsWith(":")) table?.chains.add(line.slice(1).split(" ")[0] ?? "");
    else if (line.startsWith("-A ")) table?.rules.push(line);
  }
  return tables;
}

/** The text of a comment in a rule, its quotes taken off; empty without one. */
export function commentOf(rule: string): string {
  const quoted = /--comment "((?:[^"\\]|\\.)*)"/.exec(rule)?.[1];
  return (quoted ?? /--comment (\S+)/.exec(rule)?.[1] ?? "").replaceAll(/\\(.)/g, "$1");
}

/** The chain that a rule jumps to, or its target's name; empty without one. */
export function targetOf(rule: string): string {
  return / -j (\S+)/.exec(rule)?.[1] ?? "";
}
