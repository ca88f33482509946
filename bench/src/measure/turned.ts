/**
 * The order of a round. Over as many rounds as there are entries everyone has been at every place, and behind each of the
 * others equally often (a Williams square; with an odd number of them it takes twice as many rounds, the second half of
 * them backwards).
 */
export function turned<T>(entries: readonly T[], round: number): T[] {
  const count = entries.length;
  const order = entries.flatMap((_, place) => {
    // 0, 1, -1, 2, -2, …: the steps from one place to the next are all different.
    const offset = place % 2 === 1 ? (place + 1) / 2 : count - place / 2;
    const entry = entries[(offset + round) % count];
    return entry === undefined ? [] : [entry];
  });
  return count % 2 === 1 && Math.floor(round / count) % 2 === 1 ? order.reverse() : order;
}
