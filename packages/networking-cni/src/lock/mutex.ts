/** Lets one caller after the other through, in their order. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Whether nobody holds it or waits for it. */
  get idle(): boolean {
    return this.#waiting === 0;
  }

  /** Resolves with the function that lets the next one through. Rejects with the signal's reason. */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    const before = this.#tail;
    let open: () => void = () => undefined;
    this.#tail = new Promise((resolve) => {
      open = resolve;
    });
    this.#waiting += 1;
    const release = once(() => {
      this.#waiting -= 1;
      open();
    });
    try {
      await orAbort(before, signal);
    } catch (error) {
      // Whoever stands behind in the queue still has to wait for those in front.
      void before.then(release);
      throw error;
    }
    return release;
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}

/** `promise`, or a rejection with the signal's reason, whichever is first. */
export async function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => {
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
