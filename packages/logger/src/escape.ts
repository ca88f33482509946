/**
 * Controls (C0, DEL, C1), what changes the direction of text or is not seen in it, line separators, and halves of
 * surrogate pairs. Seen as code points (`u`), so that an emoji is one character.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/**
 * `text` on one line, with nothing in it that a terminal would obey: a name that a registry or a container chose must
 * not move the cursor, set the clipboard (OSC 52) or turn the text around (bidirectional overrides).
 */
export function escapeControls(text: string): string {
  return text.replace(
    UNSAFE,
    (character) => SHORT.get(character) ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
