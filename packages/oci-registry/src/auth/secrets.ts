const SHORTEST = 4;
const MOST = 256;

/** Remembers what must never be shown, to take it out of words that a server sent back. */
export class Secrets {
  readonly #known = new Set<string>();

  add(secret: string): void {
    if (secret.length < SHORTEST) return;
    this.#known.delete(secret);
    this.#known.add(secret);
    const [oldest] = this.#known;
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
  }

  conceal(text: string): string {
    let shown = text;
    for (const secret of this.#known) shown = shown.replaceAll(secret, "[secret]");
    return shown;
  }
}
