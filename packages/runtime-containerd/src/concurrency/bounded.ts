import { Turns } from "./turns.js";

/**
 * Starts `work` for every item, at most `limit` at the same time, in order, each as soon as any one before it has ended, or
 * has passed its turn on because the rest of it is in nobody's way. Returns one promise per item. After a failure no
 * further item is started, and the rest fail with the same error.
 */
export function startBounded<T>(
  items: readonly T[],
  limit: number | Turns,
  work: (item: T, passOn: () => void) => Promise<void>,
): Promise<void>[] {
  const turns = typeof limit === "number" ? new Turns(limit) : limit;
  let failure: { readonly error: unknown } | undefined;
  return items.map((item) => {
    const done = turns.take().then(async (passOn) => {
      try {
        if (failure !== undefined) throw failure.error;
        await work(item, passOn);
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
