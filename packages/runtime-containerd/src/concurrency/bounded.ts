import { Turns } from "./turns.js";

/**
 * Starts `work` for every item, in order, as many at a time as there are turns. A turn ends with its work, or earlier, when
 * that passes it on: what only waits for something that the others do not need (a blob whose bytes are all written, for
 * the disk) is not to keep the next one from beginning. Returns one promise per item, which resolves when its work is
 * done. After a failure no further item is started, and the rest fail with the same error.
 *
 * @param limit a number of turns, or turns whose number is changed meanwhile, by who learns how many are good
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
