/**
 * What could steer a terminal or reorder what a person reads: C0, DEL and C1 controls, line separators of Unicode,
 * bidirectional marks, embeddings, overrides and isolates, and halves of surrogate pairs.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\p{Cs}]/gu;

/** `text` with everything unsafe for a terminal written out, as `\x1b`, `\n` or `\u202e`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

/** Like {@link escapeText}, with tabs and line ends left as they are. */
export function escapeLines(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === "\n" || character === "\t" ? character : escapeCharacter(character),
  );
}

/** `value` as JSON that is safe for a terminal and means the same to a parser. */
export function toJson(value: object | string | number | boolean | null, indent?: number): string {
  const json = JSON.stringify(value, undefined, indent);
  // Control characters below U+0020 inside of strings are escaped already; the line ends that remain are the layout's.
  return json.replace(UNSAFE, (character) => (character === "\n" ? character : `\\u${hex(character, 4)}`));
}

function escapeCharacter(character: string): string {
  switch (character) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    default:
      return (character.codePointAt(0) ?? 0) < 0x100 ? `\\x${hex(character, 2)}` : `\\u${hex(character, 4)}`;
  }
}

function hex(character: string, width: number): string {
  return (character.codePointAt(0) ?? 0).toString(16).padStart(width, "0");
}

/** Escapes a stream of bytes for a terminal. Holds back what cannot be judged before the next chunk is seen. */
export class LogEscaper {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #held = "";

  write(chunk: Uint8Array): string {
    return this.#escape(this.#decoder.decode(chunk, { stream: true }), false);
  }

  end(): string {
    return this.#escape(this.#decoder.decode(), true);
  }

  #escape(decoded: string, last: boolean): string {
    let text = this.#held + decoded;
    this.#held = "";
    // A carriage return before a line feed overwrites nothing: it is how many programs end their lines.
    if (!last && text.endsWith("\r")) {
      text = text.slice(0, -1);
      this.#held = "\r";
    }
    return escapeLines(text.replaceAll("\r\n", "\n"));
  }
}
