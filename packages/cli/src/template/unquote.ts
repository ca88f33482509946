/** A backslash with what belongs to it, in the way of Go. */
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([^]))/g;

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["a", "\u0007"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ['"', '"'],
]);

/** The text of a string in quotes; undefined when it holds an escape that does not exist. */
export function unquote(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1);
  // A raw string is as it stands; as in Go, its carriage returns do not count.
  if (quoted.startsWith("`")) return inner.replaceAll("\r", "");
  const parts: string[] = [];
  let end = 0;
  for (const { 0: escape, 1: byte, 2: short, 3: long, 4: octal, 5: letter, index } of inner.matchAll(ESCAPE)) {
    const known = letter === undefined ? character(byte, short ?? long, octal) : LETTERS.get(letter);
    if (known === undefined) return undefined;
    parts.push(inner.slice(end, index), known);
    end = index + escape.length;
  }
  return parts.join("") + inner.slice(end);
}

/** Of bytes only those that are a character by themselves, and of numbers only those that are one. */
function character(byte: string | undefined, point: string | undefined, octal: string | undefined): string | undefined {
  const code = octal === undefined ? Number.parseInt(byte ?? point ?? "", 16) : Number.parseInt(octal, 8);
  const limit = point === undefined ? 0x7f : 0x10ffff;
  return code > limit || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}
