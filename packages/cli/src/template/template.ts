import type { TemplateFunctions } from "./function.js";
import { FUNCTIONS } from "./functions.js";
import { titleFunctions } from "./functions-text.js";
import { evaluate } from "./evaluate.js";
import { lex, type LexOptions } from "./lex.js";
import { parse } from "./parse.js";
import type { Node } from "./syntax.js";
import type { Value } from "./value.js";
import { UsageError } from "../command-line/usage-error.js";

const TITLE_FUNCTIONS: TemplateFunctions = new Map([...FUNCTIONS, ...Object.entries(titleFunctions)]);

/**
 * A template in the language of Go's text/template, as Docker's users write them for `--format`: the part of it that has to
 * do with one value. There is nothing in it that could define a template, or call anything but its own functions.
 */
export class Template {
  readonly #source: string;
  readonly #nodes: readonly Node[];
  readonly #fields: ReadonlySet<string>;

  /** Throws a {@link UsageError} that says where the template cannot be read. */
  constructor(source: string, options: LexOptions) {
    this.#source = source;
    const tokens = lex(source, options);
    this.#nodes = parse(source, tokens, new Set(FUNCTIONS.keys()));
    this.#fields = new Set(tokens.flatMap(({ kind, text }) => (kind === "field" ? [text] : [])));
  }

  /** Whether it asks for a field of this name anywhere: what is dear to find out can be left out otherwise. */
  asksFor(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Throws a {@link UsageError} when it asks for what is not there. */
  render(data: Value): string {
    const parts: string[] = [];
    this.#run(data, FUNCTIONS, parts);
    return parts.join("");
  }

  /**
   * Of a table, with the titles in the place of the values. A title may lack what a value has, as a second part: then it is
   * as far as it got. Whether the template asks for what is there is for the rows to say.
   */
  renderTitles(titles: Value): string {
    const parts: string[] = [];
    try {
      this.#run(titles, TITLE_FUNCTIONS, parts);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
    return parts.join("");
  }

  #run(data: Value, functions: TemplateFunctions, parts: string[]): void {
    evaluate({ source: this.#source, nodes: this.#nodes, functions, write: (text) => parts.push(text) }, data);
  }
}
