/**
 * Starts `work` for every item, at most `limit` at the same time, in order. Returns one promise per item. After a
 * failure no further item is started, and the rest fail with the same error.
 */
export function startBounded<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void>[] {
  let failure: { readonly error: unknown } | undefined;
  const slots: Promise<void>[] = Array.from({ length: limit }, () => Promise.resolve());
  return items.map((item, index) => {
    const slot = index % limit;
    const done = (slots[slot] ?? Promise.resolve()).then(async () => {
      if (failure !== undefined) throw failure.error;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    });
    // The next in line waits for its turn only; how this one ended is for whoever holds its promise.
    slots[slot] = done.catch(() => undefined);
    return done;
  });
}
