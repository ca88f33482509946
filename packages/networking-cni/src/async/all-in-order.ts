/**
 * Like `Promise.all`, but which of several errors is thrown is not a matter of chance: all are waited for, and the error of
 * the first one in order counts.
 */
export async function allInOrder<T extends readonly unknown[] | []>(
  promises: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
  return Promise.all(promises);
}
