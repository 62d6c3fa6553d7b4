import type { PerformanceReport } from '../../contract/performance.js';
import { annualOrNull, isYearOrMore } from '../../domain/performance/annual.js';
import {
  inBaseCurrency,
  reinvestedGrowth,
  relativeReturn,
  sameDeposits,
  sessionsOf,
} from '../../domain/performance/benchmark.js';
import type { Close } from '../../domain/performance/closes.js';
import { maxDrawdown } from '../../domain/performance/drawdown.js';
import {
  benchmarkName,
  RELATIVE_NAME,
  SAME_DEPOSITS_NAME,
  type BenchmarkKind,
} from '../../domain/performance/names.js';
import { annualVolatility, dailyVolatility } from '../../domain/performance/risk.js';
import { D, toText } from '../../domain/money.js';
import type { DecimalString, IsoDate } from '../../domain/types.js';
import type { MarketOfPeriod } from './facts.js';
import { moneyWeightedOf } from './money-weighted.js';

/** What a benchmark comes to, and its growth on the dates of the account's closes. */
export interface BenchmarkOfPeriod {
  told: NonNullable<PerformanceReport['benchmark']>;
  growthOn(date: IsoDate): number | null;
  deposits: ReadonlyMap<IsoDate, number>;
}

/**
 * A benchmark over the account's own closes, in base currency, dividends reinvested on their ex-dates. One of which no
 * dividend is known is a price index, and is named so.
 * @param own the account's time-weighted return over the same closes
 */
export function benchmarkOf(
  symbol: string,
  market: MarketOfPeriod,
  {
    closes,
    own,
    withholding,
    baseCurrency,
  }: {
    closes: readonly Close[];
    own: number;
    withholding: DecimalString;
    baseCurrency: string;
  },
): BenchmarkOfPeriod {
  const [from, to] = [closes[0]!.date, closes.at(-1)!.date];
  const series = market.seriesOf(symbol);
  const currency = market.currencyOf(symbol);
  const isPaid =
    series?.basis === 'split+dividend' ||
    market.hasPaidBefore(symbol) ||
    market.actionsOf(symbol).some(({ kind: what, exDate }) => what === 'DIVIDEND' && exDate <= to);
  const kind: BenchmarkKind = isPaid ? 'total-return' : 'price-index';
  const points = growthOf(symbol, market, withholding);
  const growths = new Map(points.map(({ date, growth }) => [date, growth]));
  const growthOn = (date: IsoDate) => growths.get(date) ?? null;
  const missing = closes.filter(({ date }) => !growths.has(date)).map(({ date }) => date);
  const [begin, end] = [growthOn(from), growthOn(to)];
  const total = begin === null || end === null ? null : end / begin - 1;
  const known = closes.flatMap(({ date }) => growthOn(date) ?? []);
  const returns = returnsOf(closes, growthOn);
  const deposits = missing.length > 0 ? null : sameDeposits(closes, growthOn);
  return {
    growthOn: (date) => {
      const growth = growthOn(date);
      return begin === null || growth === null ? null : growth / begin;
    },
    deposits: new Map((deposits ?? []).map(({ date, value }) => [date, value])),
    told: {
      symbol,
      kind,
      label: benchmarkName(symbol, kind, withholding, baseCurrency),
      currency,
      withholding,
      total,
      annual: total === null ? null : annualOrNull(total, from, to),
      drawdown: known.length === 0 ? null : maxDrawdown(known),
      volatility: {
        daily: dailyVolatility(returns),
        annual: isYearOrMore(from, to) ? annualVolatility(returns) : null,
      },
      relative: { formula: RELATIVE_NAME, total: total === null ? null : relativeReturn(own, total) },
      sameDeposits: deposits === null ? null : depositsTold(closes, deposits.at(-1)!.value),
      missing,
    },
  };
}

function growthOf(symbol: string, market: MarketOfPeriod, withholding: DecimalString) {
  const series = market.seriesOf(symbol);
  if (series === undefined) return [];
  const sessions = sessionsOf(series.closes, market.actionsOf(symbol), series.basis);
  return inBaseCurrency(reinvestedGrowth(sessions, withholding), (date) => market.rateOn(series.currency, date));
}

/** Returns between closes of the account that both have the benchmark. */
const returnsOf = (closes: readonly Close[], growthOn: (date: IsoDate) => number | null): number[] =>
  closes.slice(1).flatMap(({ date }, index) => {
    const [before, now] = [growthOn(closes[index]!.date), growthOn(date)];
    return before === null || now === null ? [] : [now / before - 1];
  });

function depositsTold(
  closes: readonly Close[],
  value: number,
): NonNullable<NonNullable<PerformanceReport['benchmark']>['sameDeposits']> {
  const end = D(value.toFixed(2));
  return {
    formula: SAME_DEPOSITS_NAME,
    end: toText(end),
    difference: toText(D(closes.at(-1)!.value).minus(end)),
    moneyWeighted: moneyWeightedOf(closes, String(value)),
  };
}
