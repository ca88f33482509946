import type { FieldName, Operand, PathOperand, Pipe, PipeCommand } from "./syntax.js";
import type { Token } from "./token.js";
import type { TokenReader } from "./token-reader.js";

const DEEPEST = 100;

interface PipeOptions {
  /** What it belongs to. */
  readonly at: number;
  /** How many variables it may set. */
  readonly variables: 0 | 1 | 2;
}

/** Reads what stands in an action. Knows the variables that there are at that place. */
export class PipeParser {
  readonly #reader: TokenReader;
  readonly #functions: ReadonlySet<string>;
  readonly #variables: string[] = [""];
  #depth = 0;

  constructor(reader: TokenReader, functions: ReadonlySet<string>) {
    this.#reader = reader;
    this.#functions = functions;
  }

  scope(): number {
    return this.#variables.length;
  }

  /** Forgets the variables that have come since {@link scope} told this. */
  leave(scope: number): void {
    this.#variables.length = scope;
  }

  /** Up to what ends it, which is taken too. */
  parse(end: "close" | ")", options: PipeOptions): Pipe {
    const { at } = options;
    const { variables, assigns } = this.#declaration(options);
    const commands: PipeCommand[] = [];
    for (;;) {
      const { command, then } = this.#command();
      if (command === undefined) {
        if (commands.length > 0 || isMark(then, "|")) throw this.#reader.unexpected(then, "beside |");
        if (!ends(then, end)) throw this.#reader.unexpected(then, "here");
        throw this.#reader.problem(then.at, "a value is missing");
      }
      this.#checkLiteral(command, commands.length > 0);
      commands.push(command);
      if (ends(then, end)) break;
      if (!isMark(then, "|")) throw this.#reader.unexpected(then, "here");
    }
    // A variable does not exist in what it is made of.
    if (!assigns) this.#variables.push(...variables);
    return { kind: "pipe", at, variables, assigns, commands };
  }

  /** What is written out takes nothing, neither beside it nor through a pipe; and `nil` alone says nothing. */
  #checkLiteral({ first, rest: [argument] }: PipeCommand, isPipedTo: boolean): void {
    if (first.kind !== "literal") return;
    if (isPipedTo) throw this.#reader.problem(first.at, "a value that takes nothing cannot stand behind |");
    if (argument !== undefined) throw this.#reader.problem(argument.at, "the value before it takes nothing");
    if (first.value === null) throw this.#reader.problem(first.at, "nil is nothing to do");
  }

  #declaration({ variables: most }: PipeOptions): { readonly variables: readonly string[]; readonly assigns: boolean } {
    const start = this.#reader.mark();
    const names: string[] = [];
    for (let variable = this.#reader.take("variable"); variable !== undefined;) {
      names.push(variable.text);
      this.#reader.skipSpace();
      const sign = this.#reader.next();
      if (isMark(sign, ":=") || isMark(sign, "=")) {
        if (names.length > most) throw this.#reader.problem(sign.at, "too many variables are set");
        if (names.includes("")) throw this.#reader.problem(sign.at, "$ cannot be set");
        const assigns = sign.text === "=";
        const unknown = names.find((name) => !this.#variables.includes(name));
        if (assigns && unknown !== undefined) throw this.#reader.problem(sign.at, `there is no variable $${unknown}`);
        this.#reader.skipSpace();
        return { variables: names, assigns };
      }
      if (!isMark(sign, ",")) break;
      this.#reader.skipSpace();
      variable = this.#reader.take("variable");
    }
    this.#reader.rewind(start);
    return { variables: [], assigns: false };
  }

  /** A command, if there is one, and the piece behind it. */
  #command(): { readonly command?: PipeCommand; readonly then: Token } {
    const operands: Operand[] = [];
    for (;;) {
      this.#reader.skipSpace();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      if (operand !== undefined && this.#reader.peek().kind === "space") continue;
      const [first, ...rest] = operands;
      const then = this.#reader.next();
      return first === undefined ? { then } : { command: { first, rest }, then };
    }
  }

  #operand(): Operand | undefined {
    const token = this.#reader.peek();
    const { at } = token;
    switch (token.kind) {
      case "string":
        this.#reader.next();
        return { kind: "literal", at, value: token.text };
      case "number": {
        this.#reader.next();
        const value = numberOf(token.text);
        if (!Number.isFinite(value)) throw this.#reader.problem(at, "a number that is too large");
        return { kind: "literal", at, value };
      }
      case "word":
        this.#reader.next();
        return this.#word(token);
      case "dot":
        this.#reader.next();
        if (this.#reader.peek().kind === "field") throw this.#reader.unexpected(this.#reader.peek(), "after a dot");
        return { kind: "path", at, from: { kind: "dot" }, names: [] };
      case "field":
        return this.#path(at, { kind: "dot" });
      case "variable":
        this.#reader.next();
        if (!this.#variables.includes(token.text))
          throw this.#reader.problem(at, `there is no variable $${token.text}`);
        return this.#path(at, { kind: "variable", name: token.text });
      case "mark":
        return token.text === "(" ? this.#group(token) : undefined;
      default:
        return undefined;
    }
  }

  #word({ text, at }: Token): Operand {
    if (text === "true" || text === "false") return { kind: "literal", at, value: text === "true" };
    if (text === "nil") return { kind: "literal", at, value: null };
    if (!this.#functions.has(text))
      throw this.#reader.problem(
        at,
        `there is no function ${text}`,
        `a field has a dot before it; functions are ${[...this.#functions].sort().join(", ")}`,
      );
    return { kind: "function", at, name: text };
  }

  #group({ at }: Token): Operand {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#reader.problem(at, `more than ${DEEPEST} parentheses`);
    this.#reader.next();
    const pipe = this.parse(")", { at, variables: 0 });
    this.#depth -= 1;
    return this.#path(at, pipe);
  }

  #path(at: number, from: PathOperand["from"]): PathOperand {
    const names: FieldName[] = [];
    for (let field = this.#reader.take("field"); field !== undefined; field = this.#reader.take("field"))
      names.push({ at: field.at, name: field.text });
    return { kind: "path", at, from, names };
  }
}

function isMark(token: Token, text: string): boolean {
  return token.kind === "mark" && token.text === text;
}

function ends(token: Token, end: "close" | ")"): boolean {
  return end === "close" ? token.kind === "close" : isMark(token, ")");
}

function numberOf(text: string): number {
  return text.startsWith("-") ? -Number(text.slice(1)) : Number(text);
}
