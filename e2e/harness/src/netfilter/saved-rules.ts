/** What `iptables-save` prints, taken apart. */
export interface SavedRules {
  readonly family: "v4" | "v6";
  readonly tables: readonly SavedTable[];
}

export interface SavedTable {
  readonly name: string;
  readonly chains: readonly string[];
  readonly rules: readonly SavedRule[];
}

export interface SavedRule {
  readonly chain: string;
  /** The chain or target behind `-j`, if any. */
  readonly target: string | undefined;
  /** Without counters, beginning with `-A`. */
  readonly text: string;
}

/** Reads the output of `iptables-save` or `ip6tables-save`; comments and packet counters are left out. */
export function parseSavedRules(text: string, family: "v4" | "v6"): SavedRules {
  const tables: { name: string; chains: string[]; rules: SavedRule[] }[] = [];
  for (const line of text.split("\n")) {
    const current = tables.at(-1);
    if (line.startsWith("*")) tables.push({ name: line.slice(1).trim(), chains: [], rules: [] });
    else if (line.startsWith(":")) current?.chains.push(line.slice(1).split(" ")[0] ?? "");
    else if (/^(\[\d+:\d+\] )?-A /u.test(line)) {
      const rule = line.replace(/^\[\d+:\d+\] /u, "").trimEnd();
      // A comment may hold anything, so the target is looked for outside of quotes.
      const target = /(?:^| )-[jg] (\S+)/u.exec(rule.replace(/"(?:\\.|[^"\\])*"/gu, '""'))?.[1];
      current?.rules.push({ chain: rule.split(" ")[1] ?? "", target, text: rule });
    }
  }
  return { family, tables };
}

/** Chains that CNI plugins make for one container: `CNI-` and 24, or `CNI-DN-` and 21 hexadecimal digits. */
export function isContainerChain(name: string): boolean {
  return /^CNI-(?:[0-9a-f]{24}|DN-[0-9a-f]{21})$/u.test(name);
}

/** Addresses and networks in a rule's matches and targets, comments excepted. */
export function addressesOf(rule: SavedRule): string[] {
  return (
    rule.text
      .replace(/"(?:\\.|[^"\\])*"/gu, '""')
      .match(/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\d.])/gu) ?? []
  );
}
