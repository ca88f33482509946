import { styleText } from "node:util";

/** Tells what happens, one step a line, with the time it took. */
export class Teller {
  readonly #started = performance.now();
  readonly #write: (text: string) => void;
  readonly #terminal: boolean;

  constructor(write: (text: string) => void, terminal: boolean) {
    this.#write = write;
    this.#terminal = terminal;
  }

  /** Does a step and says how it went. `tell` may give the line that a person reads about its result. */
  async step<T>(what: string, work: () => Promise<T>, tell?: (result: T) => string): Promise<T> {
    const started = performance.now();
    this.#write(`${this.#style("bold", "•")} ${what} …\n`);
    const result = await work();
    const time = this.#style("dim", `(${formatSeconds(performance.now() - started)})`);
    this.#write(`  ${this.#style("green", "✓")} ${tell?.(result) ?? "done"} ${time}\n`);
    return result;
  }

  /** Shows what a program said. */
  quote(text: string): void {
    for (const line of text.trimEnd().split("\n"))
      this.#write(`    ${this.#style("dim", "│")} ${escapeControls(line)}\n`);
  }

  say(text: string): void {
    this.#write(`${text}\n`);
  }

  /** The time since the start, as a person says it. */
  elapsed(): string {
    return formatSeconds(performance.now() - this.#started);
  }

  #style(format: "bold" | "dim" | "green", text: string): string {
    return this.#terminal ? styleText(format, text) : text;
  }
}

function formatSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** What a container writes must not steer the terminal it is shown on. */
function escapeControls(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (char) => JSON.stringify(char).slice(1, -1));
}
