/** A distribution in three numbers. */
export interface Summary {
  readonly median: number;
  /** A quarter of the figures is below this. */
  readonly low: number;
  /** A quarter of the figures is above this. */
  readonly high: number;
}

export function summarize(figures: readonly number[]): Summary {
  const sorted = [...figures].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** The median of what two did in the same round: noise that hits a whole round falls out. */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): Summary {
  return summarize(paired(ours, theirs, (a, b) => a / b));
}

export function pairedDifference(ours: readonly number[], theirs: readonly number[]): Summary {
  return summarize(paired(ours, theirs, (a, b) => a - b));
}

function paired(ours: readonly number[], theirs: readonly number[], of: (a: number, b: number) => number): number[] {
  return ours.flatMap((figure, round) => {
    const other = theirs[round];
    return other === undefined ? [] : [of(figure, other)];
  });
}

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
