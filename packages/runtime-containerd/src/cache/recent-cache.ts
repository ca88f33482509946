/** For what is found by a digest, and so never changes: it is read once. Keeps the most recently used. */
export class RecentCache<Value extends object> {
  readonly #known = new Map<string, Value>();
  readonly #limit: number;

  constructor(limit = 64) {
    this.#limit = limit;
  }

  /** What could not be read is not kept. */
  async get(key: string, read: () => Promise<Value>): Promise<Value> {
    const value = this.#known.get(key) ?? (await read());
    this.#known.delete(key);
    this.#known.set(key, value);
    const oldest = this.#known.keys().next();
    if (this.#known.size > this.#limit && oldest.done !== true) this.#known.delete(oldest.value);
    return value;
  }
}
