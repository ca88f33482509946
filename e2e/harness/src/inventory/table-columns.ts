/** The non-empty lines of a text. */
export function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

/**
 * The cells of a table whose columns stand below their headings, as `ctr` prints them: by position, because a cell can
 * be empty or hold spaces.
 */
export function parseColumns<Name extends string>(text: string, names: readonly Name[]): Record<Name, string>[] {
  const [heading, ...rows] = linesOf(text);
  if (heading === undefined) return [];
  const starts = names.map((name) => heading.indexOf(name));
  const missing = names.find((_, index) => starts[index] === -1);
  if (missing !== undefined) throw new Error(`no column ${missing} in: ${heading}`);
  const cell = (characters: readonly string[], index: number): string =>
    characters
      .slice(starts[index], starts[index + 1])
      .join("")
      .trim();
  return rows.map((row) => {
    const characters = Array.from(row); // widths are counted in characters, not in UTF-16 units
    const cells: Partial<Record<Name, string>> = {};
    names.forEach((name, index) => (cells[name] = cell(characters, index)));
    return complete(cells, names);
  });
}

function complete<Name extends string>(
  cells: Partial<Record<Name, string>>,
  names: readonly Name[],
): Record<Name, string> {
  const isComplete = (value: Partial<Record<Name, string>>): value is Record<Name, string> =>
    names.every((name) => value[name] !== undefined);
  if (!isComplete(cells)) throw new Error("a row has lost a cell");
  return cells;
}
