/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** Milliseconds that an operation takes. */
export async function timed(operation: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await operation();
  return performance.now() - start;
}

/** Samples by name. */
export class Samples {
  readonly #values = new Map<string, number[]>();

  add(name: string, ms: number): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), ms]);
  }
  median(name: string): number {
    return median(this.#values.get(name) ?? []);
  }
  /** The median of the quotients of each round: what the rounds have in common drops out. */
  ratio(above: string, below: string): number {
    const [upper = [], lower = []] = [this.#values.get(above), this.#values.get(below)];
    return median(upper.map((value, round) => value / (lower[round] ?? Number.NaN)));
  }
  /** The quotient of the fastest rounds: what there is to measure on a host that has nothing else to do. */
  fastest(above: string, below: string): number {
    return Math.min(...(this.#values.get(above) ?? [])) / Math.min(...(this.#values.get(below) ?? []));
  }
  get names(): readonly string[] {
    return [...this.#values.keys()];
  }
}
