interface Watch {
  readonly listeners: Set<{ readonly call: () => void }>;
  readonly handler: () => void;
}

/**
 * One listener for each signal, however many calls have it: Node.js warns of a leak at the eleventh, and a signal of the
 * caller's is not ours to set limits on.
 */
export class AbortHub {
  readonly #watches = new WeakMap<AbortSignal, Watch>();

  /** Calls `listener` when the signal is aborted from now on; returns what stops that. */
  listen(signal: AbortSignal, listener: () => void): () => void {
    const watch = this.#watches.get(signal) ?? this.#open(signal);
    // A function may be given twice; each is an entry of its own.
    const entry = { call: listener };
    watch.listeners.add(entry);
    return () => {
      watch.listeners.delete(entry);
      if (watch.listeners.size === 0) this.#close(signal, watch);
    };
  }

  #open(signal: AbortSignal): Watch {
    const watch: Watch = {
      listeners: new Set(),
      handler: () => {
        this.#close(signal, watch);
        for (const entry of [...watch.listeners]) entry.call();
      },
    };
    this.#watches.set(signal, watch);
    signal.addEventListener("abort", watch.handler);
    return watch;
  }

  #close(signal: AbortSignal, watch: Watch): void {
    signal.removeEventListener("abort", watch.handler);
    if (this.#watches.get(signal) === watch) this.#watches.delete(signal);
  }
}
