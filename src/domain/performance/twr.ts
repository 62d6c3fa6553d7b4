import type { DecimalString, IsoDate } from '../types.js';

/**
 * When in the day money comes and goes: the convention moves the answer, so it is named wherever a return is printed.
 */
export const FLOW_TIMINGS = ['in-at-start-out-at-end', 'all-at-end', 'all-at-start'] as const;
export type FlowTiming = (typeof FLOW_TIMINGS)[number];
/** Ours: a deposit works from the morning of its day, a withdrawal until the evening. */
export const CONVENTION: FlowTiming = 'in-at-start-out-at-end';

/** A close that was valued, with what came in and went out since the one before it. All in base currency. */
export interface ValuedClose {
  date: IsoDate;
  value: DecimalString;
  /** Paid in since the close before, 0 or more. */
  inflow: DecimalString;
  /** Paid out since the close before, 0 or more. */
  outflow: DecimalString;
}

/** Below a penny there is nothing that could earn: a return on it would be any number. */
const LEAST_BASIS = 0.01;

/** What a return is measured on, and what it comes to, by the timing of flows. */
function dayParts(before: DecimalString, { value, inflow, outflow }: ValuedClose, timing: FlowTiming) {
  const [begin, end, into, out] = [Number(before), Number(value), Number(inflow), Number(outflow)];
  if (timing === 'all-at-end') return { basis: begin, result: end - into + out };
  if (timing === 'all-at-start') return { basis: begin + into - out, result: end };
  return { basis: begin + into, result: end + out };
}

/**
 * Growth from one valued close to the next, 1 for no change. By our convention `(MVE + CFout) / (MVB + CFin)`
 * (Portfolio Performance's daily time-weighted return); all at the end `(MVE − CF) / MVB`; all at the start
 * `MVE / (MVB + CF)`. A ratio, and so a float: money itself is added up elsewhere.
 * A value below nothing has lost all there was, and no more: growth of 0, which nothing after it makes worse.
 * @returns null where there is no basis: less than a penny, or debts. Nothing can be earned on nothing.
 */
export function growthOf(before: DecimalString, close: ValuedClose, timing: FlowTiming = CONVENTION): number | null {
  const { basis, result } = dayParts(before, close, timing);
  return basis < LEAST_BASIS ? null : Math.max(0, result) / basis;
}

/** The return of one close over the one before it, as a fraction; null without a basis (`growthOf`). */
export function dayReturn(before: DecimalString, close: ValuedClose, timing: FlowTiming = CONVENTION): number | null {
  const growth = growthOf(before, close, timing);
  return growth === null ? null : growth - 1;
}

/** A close of a time-weighted series. */
export interface ReturnOfClose {
  date: IsoDate;
  /** Since the close before; null where there was nothing to earn on, which counts as no change. */
  return: number | null;
  /** 1 at the first close, multiplied by each return since. */
  growth: number;
}

/**
 * The time-weighted series of valued closes, oldest first: each close's return and the growth since the first. The
 * first close is the start and has no return of its own: what came in up to it is its value, and no flow.
 * @returns one item a close after the first.
 */
export function timeWeightedSeries(closes: readonly ValuedClose[], timing: FlowTiming = CONVENTION): ReturnOfClose[] {
  let growth = 1;
  return closes.slice(1).map((close, index) => {
    const factor = growthOf(closes[index]!.value, close, timing);
    if (factor !== null) growth *= factor;
    return { date: close.date, return: factor === null ? null : factor - 1, growth };
  });
}

/** The time-weighted return over all of these closes, as a fraction; 0 of fewer than two. */
export const timeWeightedReturn = (closes: readonly ValuedClose[], timing: FlowTiming = CONVENTION): number =>
  (timeWeightedSeries(closes, timing).at(-1)?.growth ?? 1) - 1;
