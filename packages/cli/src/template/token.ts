export type TokenKind =
  "text" | "open" | "close" | "space" | "string" | "number" | "field" | "dot" | "variable" | "word" | "mark" | "end";

/** A piece of a template. */
export interface Token {
  readonly kind: TokenKind;
  /** What it means: a string without its quotes, a field or variable by its bare name, other pieces as they stand. */
  readonly text: string;
  readonly at: number;
}
