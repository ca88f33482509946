import { problemAt } from "./problem.js";
import type { Token, TokenKind } from "./token.js";

/** The pieces of a template, one after the other. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#index] ?? { kind: "end", text: "", at: this.#source.length };
  }

  next(): Token {
    const token = this.peek();
    this.#index += 1;
    return token;
  }

  /** The next piece when it is of this kind, and reads like this where that is said; it is taken then. */
  take(kind: TokenKind, text?: string): Token | undefined {
    const token = this.peek();
    return token.kind === kind && (text === undefined || token.text === text) ? this.next() : undefined;
  }

  skipSpace(): void {
    this.take("space");
  }

  /** Where reading can be taken up again with {@link rewind}. */
  mark(): number {
    return this.#index;
  }

  rewind(mark: number): void {
    this.#index = mark;
  }

  /** To be thrown. */
  problem(at: number, problem: string, hint?: string): Error {
    return problemAt(this.#source, at, problem, hint);
  }

  /** To be thrown: a piece that has no place here. */
  unexpected({ kind, text, at }: Token, where: string): Error {
    const name = kind === "end" ? "the end" : kind === "close" ? "}}" : JSON.stringify(text);
    return this.problem(at, `${name} is not expected ${where}`);
  }
}
