/** Lets so many do something at the same time as its limit says, in the order in which they asked. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A lower limit takes nobody's turn away; it holds for those that come next. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#callNext();
  }

  /** Resolves with what ends the turn, however often it is called. */
  async take(): Promise<() => void> {
    const called = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#callNext();
    await called;
    let ended = false;
    return () => {
      if (ended) return;
      ended = true;
      this.#taken--;
      this.#callNext();
    };
  }

  #callNext(): void {
    while (this.#taken < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#taken++;
      next();
    }
  }
}
