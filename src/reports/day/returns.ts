import { sessionsBetween } from '../../domain/calendar/calendar.js';
import { D, toText } from '../../domain/money.js';
import { inBaseCurrency, reinvestedGrowth, relativeReturn, sessionsOf } from '../../domain/performance/benchmark.js';
import { attributedCloses, type Close } from '../../domain/performance/closes.js';
import { fallsOf, maxDrawdown } from '../../domain/performance/drawdown.js';
import { benchmarkName, DRAWDOWN_NAME, RELATIVE_NAME, timeWeightedName } from '../../domain/performance/names.js';
import { missingSessions, placesOf, rangeBegins, type Range } from '../../domain/performance/period.js';
import { CONVENTION, timeWeightedSeries } from '../../domain/performance/twr.js';
import type { IsoDate } from '../../domain/types.js';
import { fallChart, growthChart, type ChartedBenchmark, type ChartedClose } from '../performance/charts.js';
import { ratesText, returnText } from '../performance/figures.js';
import { moneyWeightedOf } from '../performance/money-weighted.js';
import { reasonText } from '../performance/remarks.js';
import { chartBlock, facts, paragraph, section, table, type Block } from '../render/document.js';
import { counted } from '../render/format.js';
import type { DayFacts, ReturnFacts } from './facts.js';

const SPANS: readonly [range: Range, name: string][] = [
  ['1m', '1 month'],
  ['3m', '3 months'],
  ['ytd', 'this year'],
  ['1y', '1 year'],
  ['all', 'since the start'],
];

/** As wide as the charts beside it. */
const CHART = { width: 720, height: 260 };

/**
 * How the account did up to the as-of date, as known on the day; no section where fewer than two closes were valued.
 */
export function returnsSection({ account, ledger, returns }: DayFacts): Block[] {
  if (returns === undefined || returns.closes.length < 2) return [];
  const { baseCurrency } = account;
  const { closes } = attributedCloses(returns.closes, ledger, {
    baseCurrency,
    isForeign: false,
    // A fill that was confirmed late is told by `performance`, which knows the prices of all days.
    unitValue: () => null,
  });
  const growth = benchmarkGrowth(returns.benchmark, baseCurrency);
  const benchmark = benchmarkTold(returns.benchmark, baseCurrency);
  const spans = spansOf(closes, growth);
  const growths = [1, ...timeWeightedSeries(closes).map((each) => each.growth)];
  const drawn = { account: account.account, size: CHART };
  const charted = chartedCloses(closes, { growths, growth, calendar: returns.calendar });
  const rates = moneyWeightedOf(closes);
  const restated = closes.filter((close) => close.restated !== null);
  return [
    section('Performance', [
      paragraph(`From the close of ${closes[0]!.date} to that of ${closes.at(-1)!.date}, not annualised.`),
      table(
        ['', ...spans.map((span) => `${span.name}#`)],
        [
          [account.account, ...spans.map(({ own }) => returnText(own))],
          ...(benchmark === null
            ? []
            : [
                [benchmark.label, ...spans.map(({ other }) => returnText(other))],
                ['account against it', ...spans.map(({ relative }) => returnText(relative))],
              ]),
        ],
      ),
      ...chartBlock(growthChart(charted, { ...drawn, benchmark })),
      ...chartBlock(fallChart(charted, { ...drawn, limit: returns.maxDrawdown })),
      facts([
        ['Money-weighted since the start', `${ratesText(rates)} (${rates.formula})`],
        ['Deepest fall since the start', `${returnText(maxDrawdown(growths))} (${DRAWDOWN_NAME})`],
      ]),
      ...(restated.length === 0
        ? []
        : [
            paragraph(
              `Restated: ${counted(restated.length, 'close')} of these, the first of ${restated[0]!.date}, ` +
                `said otherwise before: ${reasonText(restated[0]!.restated!.because)}.`,
            ),
          ]),
      paragraph(
        `${account.account}: ${timeWeightedName(CONVENTION, baseCurrency)}. Against it: ${RELATIVE_NAME}. ` +
          'Everything else is told by make performance.',
      ),
    ]),
  ];
}

/** What the account is held against, by its name: one without a dividend is a price index. */
function benchmarkTold(benchmark: ReturnFacts['benchmark'], baseCurrency: string): ChartedBenchmark | null {
  if (benchmark === null) return null;
  const { symbol, dividends, withholding } = benchmark;
  const kind = dividends.length > 0 ? 'total-return' : 'price-index';
  return { symbol, kind, label: benchmarkName(symbol, kind, withholding, baseCurrency) };
}

/** The closes as the charts of `performance` have them. @param growth of the benchmark by date */
function chartedCloses(
  closes: readonly Close[],
  {
    growths,
    growth,
    calendar,
  }: { growths: readonly number[]; growth: ReadonlyMap<IsoDate, number>; calendar: ReturnFacts['calendar'] },
): ChartedClose[] {
  const dates = closes.map(({ date }) => date);
  const missing = missingSessions(dates, sessionsBetween(dates[0]!, dates.at(-1)!, calendar));
  const falls = fallsOf(growths);
  const begin = growth.get(dates[0]!);
  return dates.map((date, index) => {
    const now = growth.get(date);
    return {
      date,
      growth: growths[index]!,
      fall: falls[index]!,
      benchmark: begin === undefined || now === undefined ? null : now / begin,
      missing: missing[index]!,
    };
  });
}

/** Returns of the spans that are longer than the one before them, of account and benchmark. */
function spansOf(closes: readonly Close[], growth: ReadonlyMap<IsoDate, number>) {
  const dates = closes.map(({ date }) => date);
  const growths = [1, ...timeWeightedSeries(closes).map((each) => each.growth)];
  return SPANS.flatMap(([range, name]) => {
    const places = placesOf(dates, { range, from: null, to: null });
    if (places === null) return [];
    const { first, last } = places;
    const [start, now] = [growths[first] ?? 0, growths[last] ?? 0];
    const begins = rangeBegins(range, dates[last]!);
    // An account that is younger than the span has no return of it; what it has since its start stands beside it.
    const isWhole = begins === null || range === 'ytd' || dates[first]! <= begins;
    if (!isWhole) return [{ name, own: null, other: null, relative: null }];
    const own = start === 0 ? null : now / start - 1;
    const [begin, end] = [growth.get(dates[first]!), growth.get(dates[last]!)];
    const other = begin === undefined || end === undefined ? null : end / begin - 1;
    return [{ name, own, other, relative: own === null || other === null ? null : relativeReturn(own, other) }];
  });
}

/** Growth of the benchmark in base currency on the dates that have a close and a rate. */
function benchmarkGrowth(benchmark: ReturnFacts['benchmark'], baseCurrency: string): Map<IsoDate, number> {
  if (benchmark?.prices == null) return new Map();
  const { prices, dividends, splits, rates } = benchmark;
  // The closes are in the shares of the newest one; so must the dividends be.
  const inNewest = dividends.map(({ exDate, value }) => ({
    exDate,
    kind: 'DIVIDEND' as const,
    value: toText(
      splits.filter((split) => split.exDate > exDate).reduce((cash, split) => cash.div(D(split.value)), D(value)),
    ),
  }));
  const closes = prices.points.map(({ session, adjusted }) => ({ date: session, close: adjusted }));
  const rateOn = new Map(rates.map(({ date, rate }) => [date, rate]));
  const points = inBaseCurrency(
    reinvestedGrowth(sessionsOf(closes, inNewest, 'split'), benchmark.withholding),
    (date) => (prices.currency === baseCurrency ? '1' : (rateOn.get(date) ?? null)),
  );
  return new Map(points.map(({ date, growth }) => [date, growth]));
}
