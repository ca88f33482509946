import type { PullProgress } from "@voiyd/runtime-api";
import type { Output } from "../process/surroundings.js";
import { humanBytes } from "./bytes.js";
import { escapeText } from "./escape.js";
import { truncate } from "./table.js";

/** Shows how a pull goes on. */
export interface ProgressView {
  readonly report: (progress: PullProgress) => void;
  /** Draws what is left to draw. Resolves when everything has been written. */
  finish(): Promise<void>;
}

/** Bars that are drawn again and again on a terminal; a line for each step elsewhere. */
export function createProgressView(output: Output, now: () => Date): ProgressView {
  return output.isTTY ? new BarView(output, now) : new LineView(output);
}

/** Writes one after the other, and keeps the first failure for the end. */
class Writer {
  readonly #output: Output;
  #last: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  write(text: string): void {
    this.#last = this.#last
      .then(() => (this.#failure === undefined ? this.#output.write(text) : undefined))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      });
  }

  async finish(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

class LineView implements ProgressView {
  readonly #writer: Writer;
  readonly #phases = new Map<string, string>();

  constructor(output: Output) {
    this.#writer = new Writer(output);
  }

  readonly report = (progress: PullProgress): void => {
    const phase = describe(progress);
    if (this.#phases.get(progress.subject) === phase) return;
    this.#phases.set(progress.subject, phase);
    this.#writer.write(`${label(progress)}: ${phase}\n`);
  };

  finish(): Promise<void> {
    return this.#writer.finish();
  }
}

const FRAME_MS = 80;
const BAR_WIDTH = 30;

class BarView implements ProgressView {
  readonly #output: Output;
  readonly #writer: Writer;
  readonly #now: () => Date;
  readonly #latest = new Map<string, PullProgress>();
  #drawnLines = 0;
  #drawnAt = -Infinity;

  constructor(output: Output, now: () => Date) {
    this.#output = output;
    this.#writer = new Writer(output);
    this.#now = now;
  }

  readonly report = (progress: PullProgress): void => {
    this.#latest.set(progress.subject, progress);
    const time = this.#now().getTime();
    if (time - this.#drawnAt < FRAME_MS) return;
    this.#drawnAt = time;
    this.#draw();
  };

  finish(): Promise<void> {
    this.#draw();
    return this.#writer.finish();
  }

  #draw(): void {
    const { columns, rows } = this.#output;
    const lines = this.#visible(rows - 1).map((progress) => truncate(barLine(progress), Math.max(columns - 1, 20)));
    const back = this.#drawnLines === 0 ? "" : `\u001b[${String(this.#drawnLines)}A`;
    this.#writer.write(back + lines.map((line) => `\r\u001b[K${line}\n`).join(""));
    this.#drawnLines = lines.length;
  }

  /** What has scrolled off the terminal cannot be drawn over: where not all fit, what is done gives way. */
  #visible(most: number): PullProgress[] {
    const all = [...this.#latest.values()];
    if (all.length <= most) return all;
    const isDone = ({ phase }: PullProgress): boolean => phase === "done";
    return [...all.filter(isDone), ...all.filter((progress) => !isDone(progress))].slice(-most);
  }
}

function barLine(progress: PullProgress): string {
  const { phase, current, total } = progress;
  const title = `${label(progress)}: ${describe(progress)}`;
  if (phase !== "downloading" || current === undefined || total === undefined || total <= 0) return title;
  const share = Math.min(Math.max(current / total, 0), 1);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "=".repeat(Math.max(filled - 1, 0)) + (filled > 0 ? ">" : "") + " ".repeat(BAR_WIDTH - filled);
  return `${title.padEnd(26)} [${bar}] ${humanBytes(current)}/${humanBytes(total)}`;
}

function describe({ phase, existed }: PullProgress): string {
  return phase === "done" && existed === true ? "already here" : phase;
}

/** Digests as short as Docker shows them; everything else as it is. */
function label({ subject }: PullProgress): string {
  return escapeText(
    /^[a-z0-9]+:[0-9a-f]{32,}$/.test(subject)
      ? subject.slice(subject.indexOf(":") + 1, subject.indexOf(":") + 13)
      : subject,
  );
}
