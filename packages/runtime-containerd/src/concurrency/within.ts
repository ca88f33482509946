/**
 * The value of `promise` when it settles within `timeoutMs`; undefined when it does not. Rejects as it does, and with
 * the signal's reason when that is aborted. `Infinity` waits for ever.
 */
export function within<T>(promise: Promise<T>, timeoutMs: number, signal?: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(
          () => {
            done();
            resolve(undefined);
          },
          Math.min(timeoutMs, LONGEST_TIMER_MS),
        )
      : undefined;
    const abort = (): void => {
      done();
      reject(signal?.reason);
    };
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    if (signal?.aborted === true) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    promise.then(
      (value) => {
        done();
        resolve(value);
      },
      (error: unknown) => {
        done();
        reject(error);
      },
    );
  });
}

/** Node's timers overflow above this, and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
