/** How often in a row a wait may fail at once. */
const LIMIT = 20;
/** One that has stood for so long was a good one, in milliseconds: however often the daemon is restarted, it goes on. */
const STOOD_MS = 250;

/** Tells a wait that is interrupted now and then, which is taken up again for ever, from one that is never answered. */
export class Unanswered {
  readonly #now: () => number;
  #begun = 0;
  #count = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A wait begins. */
  begin(): void {
    this.#begun = this.#now();
  }

  /** It has failed. Whether that was once too often. */
  isTooOften(): boolean {
    this.#count = this.#now() - this.#begun >= STOOD_MS ? 1 : this.#count + 1;
    return this.#count >= LIMIT;
  }
}
