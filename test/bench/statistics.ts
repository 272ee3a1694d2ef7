/** A median and the quartiles around it. */
export interface Spread {
  median: number;
  /** 25% and 75% of the values lie below. */
  low: number;
  high: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) };
}

/** A ratio, and the interval that contains 95% of the ratios that other rounds like these would give. */
export interface Ratio {
  value: number;
  low: number;
  high: number;
}

/**
 * The ratio of the medians of two series whose values pair up, round by round; its interval is a bootstrap's: the same
 * from 2,000 random choices of the rounds.
 */
export function ratio(above: readonly number[], below: readonly number[]): Ratio {
  const of = (rounds: readonly number[]) =>
    median(rounds.map((round) => above[round]!)) / median(rounds.map((round) => below[round]!));
  const rounds = above.map((_, index) => index);
  const others = Array.from({ length: 2000 }, () =>
    of(rounds.map(() => Math.floor(Math.random() * rounds.length))),
  ).sort((a, b) => a - b);
  return { value: of(rounds), low: quantile(others, 0.025), high: quantile(others, 0.975) };
}

export function median(values: readonly number[]): number {
  return spread(values).median;
}

/** Between the two values nearest to the place, as far as it lies between them. */
function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const before = sorted[Math.floor(place)]!;
  const after = sorted[Math.ceil(place)]!;
  return before + (after - before) * (place - Math.floor(place));
}
