/** The two ends of a copy: where its bytes come from, and the content store. */
export type CopyEnd = "line" | "store";

/**
 * A store that is faster than the line is hardly waited for at all, as messages are under way to it meanwhile; a line that
 * is fast enough is waited for now and then, because both ends want the same processors.
 */
const FASTER = 3;

/** Tells which end of a copy is the slower one, by how long each has been waited for. The line is waited for first. */
export class Pace {
  readonly #waited: Record<CopyEnd, number> = { line: 0, store: 0 };
  #end: CopyEnd = "line";
  #since = performance.now();

  /** From now on, this end is waited for. */
  waitFor(end: CopyEnd): void {
    const now = performance.now();
    this.#waited[this.#end] += now - this.#since;
    this.#since = now;
    this.#end = end;
  }

  /** With what is being waited for now. */
  get slowerEnd(): CopyEnd {
    this.waitFor(this.#end);
    return this.#waited.line > FASTER * this.#waited.store ? "line" : "store";
  }
}
