import { US_WITHHOLDING } from '../ledger/withholding.js';
import { annualOrNull } from '../performance/annual.js';
import { inBaseCurrency, reinvestedGrowth, relativeReturn, sessionsOf } from '../performance/benchmark.js';
import { benchmarkName } from '../performance/names.js';
import type { CorporateAction, DecimalString, IsoDate, PriceBasis } from '../types.js';
import type { Closes } from './worth.js';

/** What is compared with: closes of a benchmark, oldest first, with its actions. */
export interface BenchmarkOfWalk {
  symbol: string;
  closes: readonly { date: IsoDate; close: DecimalString }[];
  actions: readonly CorporateAction[];
  basis: PriceBasis;
  /** Whether any dividend of it is told of, also from before: without one it is a price index. */
  paysDividends: boolean;
}

/** What a walk's benchmark did meanwhile. */
export interface ComparedWith {
  benchmark: {
    name: string;
    change: number;
    annual: number | null;
    relative: number | null;
    /** The account's closes of which it has no close or rate. */
    lacking: IsoDate[];
  } | null;
  /** Why there is no benchmark; null where there is one. */
  noBenchmark: string | null;
}

/** The account of a walk: its return as a fraction, and its closes that have a value, oldest first. */
interface Own {
  change: number;
  closes: readonly { date: IsoDate }[];
  baseCurrency: string;
  reference: Pick<Closes, 'rateAt' | 'pair'>;
}

/**
 * The benchmark over the account's own closes, in base currency, its dividends reinvested after tax.
 * @returns with its growth on a date, 1 on the first close; null where it has none
 */
export function compareWith(
  benchmark: BenchmarkOfWalk | null,
  own: Own,
): ComparedWith & { growthOn(date: IsoDate): number | null } {
  const series = benchmarkSeries(benchmark, own);
  if ('why' in series) return { benchmark: null, noBenchmark: series.why, growthOn: () => null };
  return {
    benchmark: toldOf(series, own),
    noBenchmark: null,
    growthOn: (date) => series.growth.get(date) ?? null,
  };
}

interface Series {
  symbol: string;
  kind: 'total-return' | 'price-index';
  growth: Map<IsoDate, number>;
}

/**
 * Growth of the benchmark in base currency from the first of the walk's closes to the last that have a value, 1 at the
 * first; or why there is none: a benchmark without a close or rate at either end covers other days than the account.
 */
function benchmarkSeries(
  benchmark: BenchmarkOfWalk | null,
  { closes: days, reference: { rateAt, pair } }: Own,
): Series | { why: string } {
  if (benchmark === null) return { why: 'the universe names none, or it could not be read' };
  const { symbol, closes, actions, basis, paysDividends } = benchmark;
  const [first = '', last = ''] = [days[0]?.date, days.at(-1)?.date];
  for (const date of [first, last]) {
    if (!closes.some((close) => close.date === date)) return { why: `${symbol} has no close of ${date}` };
    if (rateAt(date) === null) return { why: `there is no rate ${pair} of ${date}` };
  }
  const own = closes.filter(({ date }) => date >= first);
  const sessions = sessionsOf(own, actions, basis);
  const points = inBaseCurrency(reinvestedGrowth(sessions, US_WITHHOLDING), rateAt);
  return {
    symbol,
    kind: basis === 'split+dividend' || paysDividends ? 'total-return' : 'price-index',
    growth: new Map(points.map(({ date, growth }) => [date, growth])),
  };
}

function toldOf({ symbol, kind, growth }: Series, of: Own): ComparedWith['benchmark'] {
  const dates = of.closes.map(({ date }) => date);
  const [startsOn = '', to = ''] = [dates[0], dates.at(-1)];
  const change = (growth.get(to) ?? 1) - 1;
  return {
    name: benchmarkName(symbol, kind, US_WITHHOLDING, of.baseCurrency),
    change,
    annual: annualOrNull(change, startsOn, to),
    relative: relativeReturn(of.change, change),
    lacking: dates.filter((date) => !growth.has(date)),
  };
}
