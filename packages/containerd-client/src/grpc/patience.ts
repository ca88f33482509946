import type { Call } from "./call.js";
import { Code, ConnectError } from "@connectrpc/connect";

/** The longest that a timer of Node.js can wait; a longer deadline is the server's alone to keep. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** Why a call with this signal ends, or does not begin; undefined while it is not aborted. */
export function abortError(signal: AbortSignal | undefined): ConnectError | undefined {
  return signal?.aborted === true ? ConnectError.from(signal.reason, Code.Canceled) : undefined;
}

/**
 * Calls `end` with why when the caller has no more patience: `Canceled` when the signal is aborted from now on,
 * `DeadlineExceeded` after `timeoutMs`. Returns what stops the watch.
 *
 * A deadline keeps the process alive: what is to be answered soon is waited for, even over a connection of the background.
 */
export function watchPatience(
  { signal, timeoutMs, aborts }: Pick<Call, "signal" | "timeoutMs" | "aborts">,
  end: (error: ConnectError | undefined) => void,
): () => void {
  const timer = timeoutMs === undefined || timeoutMs > TIMER_MAX_MS ? undefined : setTimeout(onTimeout, timeoutMs, end);
  const onAbort = (): void => {
    end(abortError(signal));
  };
  const unlisten = signal === undefined ? undefined : aborts.listen(signal, onAbort);
  return () => {
    clearTimeout(timer);
    unlisten?.();
  };
}

function onTimeout(end: (error: ConnectError) => void): void {
  end(new ConnectError("the operation timed out", Code.DeadlineExceeded));
}
