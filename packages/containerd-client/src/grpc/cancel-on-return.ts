/** An iteration that, when it is ended early, calls `cancel` at once, even while a read waits. */
export function cancelOnReturn<T>(messages: AsyncIterable<T>, cancel: () => void): AsyncIterableIterator<T> {
  const inner = messages[Symbol.asyncIterator]();
  return {
    next: () => inner.next(),
    async return() {
      cancel();
      await inner.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
