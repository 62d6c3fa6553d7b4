import type { IsoDate } from '../types.js';

/** A point of a series that only earning moves: a growth since the start, an index, a price. */
export interface Point {
  date: IsoDate;
  value: number;
}

/** A fall from a peak. */
export interface Drawdown {
  /** How far below the peak the lowest point lies, a fraction of it: −0.25 for a quarter lost. */
  depth: number;
  /** The peak's date: the last one on which the series stood so high before it fell. */
  peak: IsoDate;
  trough: IsoDate;
  /** The first date on which it stood as high again; null while it does not. */
  recovered: IsoDate | null;
}

/** How far each point lies below the highest up to it, 0 or a negative fraction. The first point counts as a peak. */
export function fallsOf(values: readonly number[]): number[] {
  let peak = -Infinity;
  return values.map((value) => {
    peak = Math.max(peak, value);
    return peak > 0 ? value / peak - 1 : 0;
  });
}

/** The deepest fall of a series of values, 0 or a negative fraction; the first value counts as a peak. */
export const maxDrawdown = (values: readonly number[]): number => Math.min(0, ...lowestOf(fallsOf(values)));

const lowestOf = (values: readonly number[]): number[] =>
  values.length === 0 ? [] : [values.reduce((least, value) => Math.min(least, value))];

/**
 * The deepest fall of returns, 0 or a negative fraction. The starting point is the first peak: a series that begins
 * with its first return forgets a loss on its first day.
 */
export const maxDrawdownOfReturns = (returns: readonly number[]): number => maxDrawdown(growthsOf(returns));

/** Growth since the start of a list of returns: 1, and what each return made of it. */
export function growthsOf(returns: readonly number[]): number[] {
  let growth = 1;
  return [1, ...returns.map((each) => (growth *= 1 + each))];
}

/** Every fall of a series, oldest first, with its peak, its lowest point and when it was made good. */
export function drawdownsOf(points: readonly Point[]): Drawdown[] {
  const found: Drawdown[] = [];
  let peak: Point | undefined;
  let under: Drawdown | null = null;
  for (const point of points) {
    if (peak === undefined || point.value >= peak.value) {
      if (under !== null) found.push({ ...under, recovered: point.date });
      under = null;
      peak = point;
      continue;
    }
    const depth = peak.value > 0 ? point.value / peak.value - 1 : 0;
    if (under === null || depth < under.depth) under = { depth, peak: peak.date, trough: point.date, recovered: null };
  }
  return under === null ? found : [...found, under];
}

/** The deepest of them; the first of several as deep, null where nothing ever fell. */
export const deepestOf = (drawdowns: readonly Drawdown[]): Drawdown | null =>
  drawdowns.reduce<Drawdown | null>((deepest, each) => (deepest && deepest.depth <= each.depth ? deepest : each), null);
