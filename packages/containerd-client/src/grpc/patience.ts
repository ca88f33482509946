import { Code, ConnectError } from "@connectrpc/connect";

/** The longest that a timer of Node.js can wait; a longer deadline is the server's alone to keep. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Calls `end` with why when the caller has no more patience: `Canceled` when the signal is aborted, `DeadlineExceeded`
 * after `timeoutMs`. Returns what stops the watch. `end` is called at once where the signal is aborted already. The
 * watch does not keep the process alive.
 */
export function watchPatience(
  signal: AbortSignal | undefined,
  timeoutMs: number | undefined,
  end: (error: ConnectError) => void,
): () => void {
  if (signal?.aborted === true) {
    end(ConnectError.from(signal.reason, Code.Canceled));
    return doNothing;
  }
  const timer = timeoutMs === undefined || timeoutMs > TIMER_MAX_MS ? undefined : setTimeout(onTimeout, timeoutMs, end);
  timer?.unref();
  if (signal === undefined) return () => { clearTimeout(timer); };
  const onAbort = (): void => {
    end(ConnectError.from(signal.reason, Code.Canceled));
  };
  signal.addEventListener("abort", onAbort);
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}

function onTimeout(end: (error: ConnectError) => void): void {
  end(new ConnectError("the operation timed out", Code.DeadlineExceeded));
}

function doNothing(): void {
  // There is nothing to stop.
}
