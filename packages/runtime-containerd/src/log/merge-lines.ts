import type { LogLine } from "./log-lines.js";

/**
 * The lines of several streams as one. What is there is ordered by time; `live` does not wait for a stream that has nothing
 * to say, and so gives what comes as it comes.
 */
export async function* mergeLines(
  streams: readonly AsyncGenerator<LogLine, undefined>[],
  { live }: { readonly live: boolean },
): AsyncGenerator<LogLine, undefined> {
  const heads = streams.map((lines) => new Head(lines));
  try {
    for (;;) {
      const open = heads.filter((head) => !head.isOver);
      if (open.length === 0) return undefined;
      if (live) await Promise.race(open.map((head) => head.ready()));
      else await Promise.all(open.map((head) => head.ready()));
      const first = open
        .filter((head) => head.line !== undefined)
        .reduce<Head | undefined>((best, head) => (best === undefined || isOlder(head, best) ? head : best), undefined);
      const line = first?.take();
      if (line !== undefined) yield line;
    }
  } finally {
    await Promise.all(streams.map((lines) => lines.return(undefined)));
  }
}

function isOlder(one: Head, other: Head): boolean {
  const [a, b] = [one.line?.timeMs, other.line?.timeMs];
  return a !== undefined && b !== undefined && a < b;
}

class Head {
  line: LogLine | undefined;
  isOver = false;
  readonly #lines: AsyncGenerator<LogLine, undefined>;
  #asked: Promise<void> | undefined;

  constructor(lines: AsyncGenerator<LogLine, undefined>) {
    this.#lines = lines;
  }

  async ready(): Promise<void> {
    if (this.line !== undefined || this.isOver) return;
    this.#asked ??= this.#ask();
    await this.#asked;
  }

  take(): LogLine | undefined {
    const { line } = this;
    this.line = undefined;
    return line;
  }

  async #ask(): Promise<void> {
    const { value, done } = await this.#lines.next();
    this.#asked = undefined;
    if (done === true) this.isOver = true;
    else this.line = value;
  }
}
