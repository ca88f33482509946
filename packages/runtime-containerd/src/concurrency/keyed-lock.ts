/** Lets one holder of a key in at a time, within this process. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    let free: () => void = () => undefined;
    const mine = new Promise<void>((resolve) => {
      free = resolve;
    });
    this.#tails.set(key, mine);
    try {
      await before;
      return await work();
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
      free();
    }
  }
}
