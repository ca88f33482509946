/**
 * Lets so many starts in at a time, for each container. A shim that starts several processes at once slows down out of
 * all proportion (containerd/containerd#8557): forty at once take longer than a thousand one after the other.
 */
export class StartWindow {
  readonly #most: number;
  readonly #containers = new Map<string, { running: number; readonly waiting: (() => void)[] }>();

  constructor(most: number) {
    this.#most = most;
  }

  async run<T>(container: string, signal: AbortSignal | undefined, start: () => Promise<T>): Promise<T> {
    await this.#enter(container, signal);
    try {
      return await start();
    } finally {
      this.#leave(container);
    }
  }

  #enter(container: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const window = this.#containers.get(container) ?? { running: 0, waiting: [] };
    this.#containers.set(container, window);
    if (window.running < this.#most) {
      window.running++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = (): void => {
        window.waiting.splice(window.waiting.indexOf(enter), 1);
        reject(signal?.reason);
      };
      window.waiting.push(enter);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Whoever is next takes the place over, so it is never free for another in between. */
  #leave(container: string): void {
    const window = this.#containers.get(container);
    if (window === undefined) return;
    const next = window.waiting.shift();
    if (next !== undefined) next();
    else if (--window.running === 0) this.#containers.delete(container);
  }
}
