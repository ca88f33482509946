import { problemAt } from "./problem.js";
import type { Token, TokenKind } from "./token.js";
import { unquote } from "./unquote.js";

export interface LexOptions {
  /** Whether `\t` and `\n` outside of actions mean a tab and a line end. */
  readonly escapes: boolean;
}

/** What may stand in an action, in the order in which it is tried. */
const PIECES: readonly (readonly [TokenKind, RegExp])[] = [
  ["space", /[ \t\r\n]+/y],
  ["string", /"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`/y],
  ["number", /[+-]?(?:0[xX][0-9a-fA-F]+|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/y],
  ["field", /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["dot", /\./y],
  ["variable", /\$(?:[\p{L}_][\p{L}\p{Nd}_]*)?/uy],
  ["word", /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ["mark", /:=|[=,|()]/y],
];
/** What may follow a value without a blank. */
const AFTER_VALUE = /[ \t\r\n.,|:=()]|\}\}|$/y;
const LOOSE: readonly TokenKind[] = ["space", "mark"];
const CLOSE = /(?:[ \t\r\n]+-)?\}\}/y;
const OPEN = /\{\{(?:-(?=[ \t\r\n]))?/y;
const COMMENT = /[ \t\r\n]*\/\*/y;

/** The pieces of a template, with blanks taken away where it says so. Throws a {@link UsageError}. */
export function lex(source: string, { escapes }: LexOptions): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let trims = false;
  while (position < source.length) {
    const open = source.indexOf("{{", position);
    const end = open === -1 ? source.length : open;
    const opening = open === -1 ? "" : (match(OPEN, source, open) ?? "");
    const text = unescape(source.slice(position, end), escapes);
    const left = trims ? trimStart(text) : text;
    const trimmed = opening.endsWith("-") ? trimEnd(left) : left;
    if (trimmed !== "") tokens.push({ kind: "text", text: trimmed, at: position });
    if (open === -1) break;
    const action = lexAction(source, open, opening);
    tokens.push(...action.tokens);
    ({ position, trims } = action);
  }
  tokens.push({ kind: "end", text: "", at: source.length });
  return tokens;
}

interface Action {
  readonly tokens: readonly Token[];
  /** Where what follows it begins. */
  readonly position: number;
  readonly trims: boolean;
}

function lexAction(source: string, open: number, opening: string): Action {
  const tokens: Token[] = [{ kind: "open", text: opening, at: open }];
  let position = open + opening.length;
  const comment = match(COMMENT, source, position);
  if (comment !== undefined && (comment === "/*" || opening.endsWith("-"))) {
    const end = source.indexOf("*/", position + comment.length);
    if (end === -1) throw problemAt(source, open, "a comment that is not closed");
    const close = match(CLOSE, source, end + 2);
    if (close === undefined) throw problemAt(source, open, "a comment ends with */}} or with */ -}}");
    return { tokens: [], position: end + 2 + close.length, trims: close !== "}}" };
  }
  while (position < source.length) {
    const close = match(CLOSE, source, position);
    if (close !== undefined) {
      tokens.push({ kind: "close", text: close, at: position });
      return { tokens, position: position + close.length, trims: close !== "}}" };
    }
    const [kind, raw] = pieceAt(source, position);
    tokens.push({ kind, text: meaning(kind, raw, source, position), at: position });
    position += raw.length;
  }
  throw problemAt(source, open, "an action that is not closed with }}");
}

function pieceAt(source: string, position: number): readonly [TokenKind, string] {
  for (const [kind, pattern] of PIECES) {
    const raw = match(pattern, source, position);
    if (raw === undefined) continue;
    const after = position + raw.length;
    if (!LOOSE.includes(kind) && match(AFTER_VALUE, source, after) === undefined)
      throw problemAt(source, after, `${characterAt(source, after)} cannot follow ${JSON.stringify(raw)}`);
    return [kind, raw];
  }
  const character = characterAt(source, position);
  throw problemAt(
    source,
    position,
    character === '"' || character === "`" ? "a string that is not closed" : `${character} cannot stand in an action`,
  );
}

function meaning(kind: TokenKind, raw: string, source: string, at: number): string {
  if (kind === "field" || kind === "variable") return raw.slice(1);
  if (kind !== "string") return raw;
  const text = unquote(raw);
  if (text === undefined) throw problemAt(source, at, "a string with an escape that does not exist");
  return text;
}

function match(pattern: RegExp, source: string, position: number): string | undefined {
  pattern.lastIndex = position;
  return pattern.exec(source)?.[0];
}

function characterAt(source: string, position: number): string {
  return String.fromCodePoint(source.codePointAt(position) ?? 0);
}

function unescape(text: string, escapes: boolean): string {
  return escapes ? text.replaceAll("\\t", "\t").replaceAll("\\n", "\n") : text;
}

const BLANKS = " \t\r\n";

function trimStart(text: string): string {
  let start = 0;
  while (start < text.length && BLANKS.includes(text.charAt(start))) start += 1;
  return text.slice(start);
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && BLANKS.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
