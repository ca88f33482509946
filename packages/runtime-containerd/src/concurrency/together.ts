/**
 * Runs both at the same time. When one fails the other is aborted, and its end is waited for: nothing goes on behind
 * the caller's back. Rejects with what failed first.
 */
export async function together<A, B>(
  first: (signal: AbortSignal) => Promise<A>,
  second: (signal: AbortSignal) => Promise<B>,
  signal: AbortSignal | undefined,
): Promise<[A, B]> {
  const failed = new AbortController();
  const inner = signal === undefined ? failed.signal : AbortSignal.any([failed.signal, signal]);
  let cause: { readonly error: unknown } | undefined;
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      cause ??= { error };
      failed.abort(error);
      throw error;
    }
  };
  const [a, b] = await Promise.allSettled([guard(first(inner)), guard(second(inner))]);
  if (a.status === "fulfilled" && b.status === "fulfilled") return [a.value, b.value];
  throw signal?.aborted === true ? signal.reason : cause?.error;
}
