/**
 * Starts `work` for every item, at most `limit` at the same time, in order, each as soon as any one before it has ended.
 * Returns one promise per item. After a failure no further item is started, and the rest fail with the same error.
 */
export function startBounded<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void>[] {
  let failure: { readonly error: unknown } | undefined;
  let free = limit;
  const waiting: (() => void)[] = [];
  const turn = (): Promise<void> => {
    if (free === 0) return new Promise((resolve) => waiting.push(resolve));
    free--;
    return Promise.resolve();
  };
  const passOn = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return items.map((item) => {
    const done = turn().then(async () => {
      try {
        if (failure !== undefined) throw failure.error;
        await work(item);
      } catch (error) {
        failure ??= { error };
        throw error;
      } finally {
        passOn();
      }
    });
    // How it ended is for whoever holds its promise, whenever they look.
    done.catch(() => undefined);
    return done;
  });
}
