/** The two ends of a copy: where its bytes come from, and the content store. */
export type CopyEnd = "line" | "store";

/**
 * A store that is faster than the line is hardly waited for at all, as messages are under way to it meanwhile; a line that
 * is fast enough is waited for now and then, because both ends want the same processors.
 */
const FASTER = 3;

/** Tells which end of a copy is the slower one, by how long each is waited for. */
export class Pace {
  readonly #waited: Record<CopyEnd, number> = { line: 0, store: 0 };
  #since = performance.now();

  /** What has passed since the last call was spent waiting for this end. */
  waitedFor(end: CopyEnd): void {
    const now = performance.now();
    this.#waited[end] += now - this.#since;
    this.#since = now;
  }

  /** Of both ends, in milliseconds. */
  get total(): number {
    return this.#waited.line + this.#waited.store;
  }

  get slowerEnd(): CopyEnd {
    return this.#waited.line > FASTER * this.#waited.store ? "line" : "store";
  }
}
