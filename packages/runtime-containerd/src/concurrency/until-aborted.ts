import { within } from "./within.js";

/** What another iterable gives, until the signal is aborted: then it rejects with the signal's reason, waiting for nothing. */
export async function* untilAborted<T>(
  source: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const items = source[Symbol.asyncIterator]();
  let pending = false;
  try {
    for (;;) {
      pending = true;
      const next = await within(items.next(), Infinity, signal);
      pending = false;
      if (next === undefined || next.done === true) return;
      yield next.value;
    }
  } finally {
    // A source that is waiting for its own would not be closed before that has come.
    const closed = items.return?.();
    if (!pending) await closed;
    else closed?.catch(() => undefined);
  }
}
