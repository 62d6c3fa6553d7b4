import { D, toText } from '../money.js';
import type { CorporateAction, DecimalString, IsoDate, PriceBasis } from '../types.js';
import type { ValuedClose } from './twr.js';

/** A session of what is compared with, in its listing currency. */
export interface BenchmarkSession {
  date: IsoDate;
  close: DecimalString;
  /** New shares for one old share on this date; 1 where there was no split, or where the closes show it already. */
  split: DecimalString;
  /** Cash a share whose ex-date is this date, before tax, in the shares of this date; 0 where there is none. */
  dividend: DecimalString;
}

/**
 * The sessions of a share with what its closes do not show: splits where they are raw, dividends where these are not
 * taken out of them. An action counts on the first session from its ex-date on; of before the first session none does.
 * @param closes oldest first. @param actions the share's own, as `settledActions` gives them
 */
export function sessionsOf(
  closes: readonly { date: IsoDate; close: DecimalString }[],
  actions: readonly Pick<CorporateAction, 'exDate' | 'kind' | 'value'>[],
  basis: PriceBasis,
): BenchmarkSession[] {
  const due = actions.filter(({ kind }) => basis === 'raw' || (basis === 'split' && kind === 'DIVIDEND'));
  return closes.map(({ date, close }, index) => {
    const before = closes[index - 1]?.date ?? date;
    if (!due.some(({ exDate }) => exDate > before && exDate <= date)) return { date, close, split: '1', dividend: '0' };
    const ofDay = due.filter(({ exDate }) => exDate > before && exDate <= date);
    const [splits, dividends] = (['SPLIT', 'DIVIDEND'] as const).map((kind) =>
      ofDay.filter((one) => one.kind === kind),
    );
    return {
      date,
      close,
      split: toText((splits ?? []).reduce((ratio, { value }) => ratio.times(D(value)), D(1))),
      dividend: toText((dividends ?? []).reduce((sum, { value }) => sum.plus(D(value)), D(0))),
    };
  });
}

/** Growth of what is compared with since its first date, 1 there: a ratio, and so a float. */
export interface BenchmarkPoint {
  date: IsoDate;
  growth: number;
}

/**
 * Growth in the listing currency with dividends reinvested at the close of their ex-dates:
 * `growth × split × (close + dividend × (1 − withholding)) / close before`, 1 at the first session. Sessions without a
 * split or dividend may be left out: the growth over them is the same.
 * @param withholding what of each dividend is kept back: 0 gross, 0.15 as a UK household gets those of US shares.
 */
export function reinvestedGrowth(sessions: readonly BenchmarkSession[], withholding: DecimalString): BenchmarkPoint[] {
  const kept = 1 - Number(withholding);
  let growth = 1;
  return sessions.map(({ date, close, split, dividend }, index) => {
    const before = sessions[index - 1];
    if (before !== undefined)
      growth *= (Number(split) * (Number(close) + Number(dividend) * kept)) / Number(before.close);
    return { date, growth };
  });
}

/**
 * The same in base currency, on the dates that have a rate: growth × rate of the first date / rate of the date.
 * @param rateOn listing currency for one of base on a date; null where none is known: that date is left out.
 */
export function inBaseCurrency(
  points: readonly BenchmarkPoint[],
  rateOn: (date: IsoDate) => DecimalString | null,
): BenchmarkPoint[] {
  const rated = points.flatMap(({ date, growth }) => {
    const rate = rateOn(date);
    return rate === null ? [] : [{ date, growth: growth / Number(rate) }];
  });
  const first = rated[0];
  return first === undefined ? [] : rated.map(({ date, growth }) => ({ date, growth: growth / first.growth }));
}

/** What the same money would have become. */
export interface SameDeposits {
  date: IsoDate;
  /** Base currency. What would have been is no booking, and a float. */
  value: number;
}

/**
 * The same deposits and withdrawals into the benchmark: the account's value of the first close buys it there, what came
 * in later buys it at the close before (it works from the morning of its day, as in the time-weighted return), and what
 * went out is sold at the day's close. Below 0 where more was taken out than there would have been.
 * @param growthOn growth of the benchmark on each of the closes' dates, all of one series
 * @throws RangeError where one of the dates has none: nothing is carried over
 */
export function sameDeposits(
  closes: readonly ValuedClose[],
  growthOn: (date: IsoDate) => number | null,
): SameDeposits[] {
  let value = Number(closes[0]?.value ?? '0');
  return closes.map((close, index) => {
    const before = closes[index - 1];
    if (before !== undefined)
      value =
        ((value + Number(close.inflow)) * known(growthOn, close.date)) / known(growthOn, before.date) -
        Number(close.outflow);
    return { date: close.date, value };
  });
}

function known(growthOn: (date: IsoDate) => number | null, date: IsoDate): number {
  const growth = growthOn(date);
  if (growth === null) throw new RangeError(`date: ${date}: must have a close and a rate of the benchmark`);
  return growth;
}

/**
 * How much better than the benchmark: `(1 + own) / (1 + benchmark) − 1`, 0 where they are one. What a pound in the
 * account became, against one in the benchmark. Null after a whole loss of the benchmark.
 */
export const relativeReturn = (own: number, benchmark: number): number | null =>
  benchmark === -1 ? null : (1 + own) / (1 + benchmark) - 1;
