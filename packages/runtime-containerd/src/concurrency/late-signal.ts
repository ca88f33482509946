/** A signal that is aborted some time after another one, with its reason. Disposing of it lets go of the other one. */
export interface LateSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** What is under way when `signal` is aborted gets `graceMs` milliseconds more to come to its end. */
export function lateSignal(signal: AbortSignal | undefined, graceMs: number): LateSignal {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => {
      late.abort(signal?.reason);
    }, graceMs);
  };
  if (signal?.aborted === true) begin();
  else signal?.addEventListener("abort", begin, { once: true });
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      signal?.removeEventListener("abort", begin);
      clearTimeout(timer);
    },
  };
}
