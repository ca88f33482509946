/** What could not be written yet. When it would become more than `limit` bytes, the oldest are given up, and counted. */
export class HeldBytes {
  #chunks: Uint8Array[] = [];
  #size = 0;
  #lost = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#size === 0 && this.#lost === 0;
  }

  /** How many bytes have been given up since this was last asked. They came before what is held. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  get lost(): number {
    return this.#lost;
  }

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size > this.#limit) {
      const [first] = this.#chunks;
      if (first === undefined) return;
      const given = Math.min(first.length, this.#size - this.#limit);
      this.#lost += given;
      this.drop(given);
    }
  }

  /** The oldest piece that is held. */
  first(): Uint8Array | undefined {
    return this.#chunks[0];
  }

  /** Forgets so many bytes of the oldest piece. */
  drop(bytes: number): void {
    const [first] = this.#chunks;
    if (first === undefined) return;
    this.#size -= bytes;
    if (bytes < first.length) this.#chunks[0] = first.subarray(bytes);
    else this.#chunks.shift();
  }
}
