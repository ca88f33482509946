import { PipeParser } from "./parse-pipe.js";
import type { ControlKind, ControlNode, Node } from "./syntax.js";
import type { Token } from "./token.js";
import { TokenReader } from "./token-reader.js";

const DEEPEST = 100;
/** Of Go's templates, and not of these: said so rather than taken for the names of functions. */
const REFUSED: readonly string[] = ["block", "break", "continue", "define", "template"];

/** What ends a list of nodes. */
type Terminator = "end" | "else" | "eof";

/** Reads the pieces of a template. `functions` are the names of those that there are. Throws a {@link UsageError}. */
export function parse(source: string, tokens: readonly Token[], functions: ReadonlySet<string>): readonly Node[] {
  return new Parser(new TokenReader(source, tokens), functions).whole();
}

class Parser {
  readonly #reader: TokenReader;
  readonly #pipes: PipeParser;
  #depth = 0;

  constructor(reader: TokenReader, functions: ReadonlySet<string>) {
    this.#reader = reader;
    this.#pipes = new PipeParser(reader, functions);
  }

  whole(): readonly Node[] {
    const { nodes, terminator, token } = this.#list();
    if (terminator !== "eof") throw this.#reader.unexpected(token, "here: nothing is open");
    return nodes;
  }

  #list(): { readonly nodes: readonly Node[]; readonly terminator: Terminator; readonly token: Token } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#reader.next();
      if (token.kind === "end") return { nodes, terminator: "eof", token };
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      // Between texts there are only actions, so that this one is `{{`.
      this.#reader.skipSpace();
      const word = this.#reader.peek();
      if (word.kind === "word" && (word.text === "end" || word.text === "else")) {
        this.#reader.next();
        return { nodes, terminator: word.text, token: word };
      }
      nodes.push(this.#action(word));
    }
  }

  #action(word: Token): Node {
    if (word.kind === "word") {
      if (REFUSED.includes(word.text)) throw this.#reader.problem(word.at, `${word.text} is not known here`);
      if (word.text === "if" || word.text === "range" || word.text === "with") {
        this.#reader.next();
        return this.#control(word.text, word);
      }
    }
    const pipe = this.#pipes.parse("close", { at: word.at, variables: 1 });
    return { kind: "action", pipe };
  }

  /** Behind its word. Its variables end with it. */
  #control(kind: ControlKind, word: Token): ControlNode {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#reader.problem(word.at, `more than ${DEEPEST} levels`);
    const outer = this.#pipes.scope();
    this.#reader.skipSpace();
    const pipe = this.#pipes.parse("close", { at: word.at, variables: kind === "range" ? 2 : 1 });
    const inner = this.#pipes.scope();
    const { nodes: body, terminator } = this.#list();
    this.#pipes.leave(inner);
    let otherwise: readonly Node[] = [];
    if (terminator === "else") otherwise = this.#else(kind, word);
    else if (terminator === "end") this.#endOfAction("end");
    else throw this.#unclosed(word);
    this.#pipes.leave(outer);
    this.#depth -= 1;
    return { kind, pipe, body, otherwise };
  }

  #else(kind: ControlKind, word: Token): readonly Node[] {
    this.#reader.skipSpace();
    // The end of an `else if` is the end of the `if` as well.
    const again = this.#reader.peek();
    if (kind !== "range" && again.kind === "word" && again.text === kind) {
      this.#reader.next();
      return [this.#control(kind, again)];
    }
    this.#endOfAction("else");
    const { nodes, terminator, token } = this.#list();
    if (terminator === "eof") throw this.#unclosed(word);
    if (terminator === "else") throw this.#reader.unexpected(token, "after else");
    this.#endOfAction("end");
    return nodes;
  }

  #endOfAction(word: string): void {
    this.#reader.skipSpace();
    const token = this.#reader.next();
    if (token.kind !== "close") throw this.#reader.unexpected(token, `after ${word}`);
  }

  #unclosed(word: Token): Error {
    return this.#reader.problem(word.at, `${word.text} without its {{end}}`);
  }
}
