import type { PerformanceClose, PerformanceReport } from '../../contract/performance.js';
import { monthEnd } from '../../domain/dates.js';
import { D } from '../../domain/money.js';
import type { IsoDate } from '../../domain/types.js';
import type { Bar, ColumnChart, RowChart } from '../render/bar-charts.js';
import type { ChartMark, ChartSeries, LineChart } from '../render/charts.js';
import { money, percent, signedMoney } from '../render/format.js';
import { returnText } from './figures.js';

/*
 * The charts of a performance. What a chart says of a point is the text that the table under it has: both come from
 * the same figure by the same function.
 */

/** Pixels of a drawing. */
export interface ChartSize {
  width: number;
  height: number;
}

/** What the charts of returns are drawn of. */
export type ChartedClose = Pick<PerformanceClose, 'date' | 'growth' | 'fall' | 'benchmark' | 'missing'>;

/** What an account is held against, as its name stands at a line. */
export type ChartedBenchmark = Pick<NonNullable<PerformanceReport['benchmark']>, 'symbol' | 'kind' | 'label'>;

/** So many positions are drawn, those with the largest gains and losses; the table has all. */
const POSITIONS_DRAWN = 15;

const tickPercent = (value: number): string => percent(String(value), 1);
const tickMoney = (currency: string) => (value: number) => money(value.toFixed(0), currency, 0);

/** A line over the closes, broken where one before it has no value. */
const lineOver = <Of extends Pick<ChartedClose, 'date' | 'missing'>>(
  name: string,
  closes: readonly Of[],
  value: (close: Of) => number | null,
): ChartSeries => ({
  name,
  points: closes.map((close) => ({ date: close.date, value: value(close) ?? Number.NaN })),
  breaks: new Set<IsoDate>(closes.filter(({ missing }) => missing.length > 0).map(({ date }) => date)),
});

/** Equity with what was paid in and out marked. */
export function equityChart(
  { closes, isRestated }: PerformanceReport,
  { account, baseCurrency, size }: { account: string; baseCurrency: string; size: ChartSize },
): LineChart {
  return {
    ...size,
    // What was paid in and out is told above the line.
    height: size.height + 30,
    title: `Equity of ${account} in ${baseCurrency}${isRestated ? ', restated' : ''}`,
    series: [lineOver('equity', closes, ({ equity }) => Number(equity))],
    yFormat: (value) => money(value.toFixed(2), baseCurrency),
    tickFormat: tickMoney(baseCurrency),
    named: ['first', 'lowest', 'highest'],
    marks: closes.flatMap((close) => markOf(close, baseCurrency) ?? []),
  };
}

/** Whether money came in or went out at a close. */
export const hasFlow = ({ inflow, outflow }: PerformanceClose): boolean =>
  SAYS_SOMETHING.test(inflow) || SAYS_SOMETHING.test(outflow);

/** An amount that is not nothing: decimals are made of years of closes only where one is needed. */
const SAYS_SOMETHING = /[1-9]/;

function markOf(close: PerformanceClose, currency: string): ChartMark | null {
  if (!hasFlow(close)) return null;
  const { date, inflow, outflow } = close;
  const parts = [
    ...(D(inflow).isZero() ? [] : [signedMoney(inflow, currency)]),
    ...(D(outflow).isZero() ? [] : [money(D(outflow).neg().toFixed(), currency)]),
  ];
  return { date, label: parts.join(' '), sign: D(inflow).gte(D(outflow)) ? '+' : '−' };
}

/** The fall from the highest growth so far, with the policy's line. @param limit of a fall, a fraction above 0 */
export const fallChart = (
  closes: readonly ChartedClose[],
  { account, limit, size }: { account: string; limit: number; size: ChartSize },
): LineChart => ({
  ...size,
  title: `Fall of ${account} from its peak`,
  series: [lineOver('fall', closes, ({ fall }) => fall)],
  yFormat: (value) => returnText(value),
  tickFormat: tickPercent,
  named: ['lowest'],
  guides: [{ label: "the policy's limit", value: -limit }],
});

/** Return since the first close, of the account and of what it is held against. */
export const growthChart = (
  closes: readonly ChartedClose[],
  { account, benchmark, size }: { account: string; benchmark: ChartedBenchmark | null; size: ChartSize },
): LineChart => ({
  ...size,
  title: `Return of ${account}${benchmark === null ? '' : ` against ${benchmark.label}`}`,
  series: [
    lineOver(account, closes, ({ growth }) => growth - 1),
    ...(benchmark === null
      ? []
      : [lineOver(shortName(benchmark), closes, (close) => (close.benchmark === null ? null : close.benchmark - 1))]),
  ],
  yFormat: (value) => returnText(value),
  tickFormat: tickPercent,
  hasLegend: true,
});

/** What a benchmark is stands at its line too: prices alone are no total return. */
const shortName = ({ symbol, kind }: ChartedBenchmark): string =>
  `${symbol}, ${kind === 'price-index' ? 'PRICE INDEX' : 'total return'}`;

/** What each position brought, and what is no position's. */
export function contributionChart(
  { contributions }: PerformanceReport,
  { baseCurrency, size }: { baseCurrency: string; size: ChartSize },
): RowChart {
  const { symbols, interest, fees, residual } = contributions;
  const largest = new Set(
    symbols
      .toSorted((a, b) => D(b.gain).abs().cmp(D(a.gain).abs()))
      .slice(0, POSITIONS_DRAWN)
      .map(({ symbol }) => symbol),
  );
  const others = [
    ['interest', interest],
    ['other fees', fees],
    ['residual', residual],
  ] as const;
  const bar = (name: string, { gain, contribution }: { gain: string; contribution: number | null }): Bar => ({
    name,
    value: Number(gain),
    text: `${signedMoney(gain, baseCurrency)}${contribution === null ? '' : `, ${returnText(contribution)}`}`,
  });
  return {
    width: size.width,
    title:
      `Contribution by position in ${baseCurrency}` +
      (symbols.length > POSITIONS_DRAWN ? `, the ${POSITIONS_DRAWN} largest of ${symbols.length}` : ''),
    bars: [
      ...symbols.filter(({ symbol }) => largest.has(symbol)).map((each) => bar(each.symbol, each)),
      ...others.filter(([, { gain }]) => !D(gain).isZero()).map(([name, each]) => bar(name, each)),
    ],
    tickFormat: tickMoney(baseCurrency),
  };
}

/** Income after tax of each month, and fees below the line. */
export function incomeChart(
  { months, period }: PerformanceReport,
  { baseCurrency, size }: { baseCurrency: string; size: ChartSize },
): ColumnChart {
  const bars = (of: (month: Month) => string): Bar[] =>
    everyMonth({ months, period }).map((month) => {
      const value = of(month);
      return { name: month.month, value: Number(value), text: money(value, baseCurrency) };
    });
  const fees = bars((month) => D(month.fees).neg().toFixed());
  return {
    ...size,
    title: `Income after tax by month in ${baseCurrency}`,
    series: [
      { name: 'income after tax', bars: bars(({ net }) => net) },
      ...(fees.some(({ value }) => value !== 0) ? [{ name: 'fees', bars: fees }] : []),
    ],
    tickFormat: tickMoney(baseCurrency),
  };
}

type Month = PerformanceReport['months'][number];

/** Every month of the period, also those without income or fees; none where there was nothing in all of it. */
export function everyMonth({ months, period }: Pick<PerformanceReport, 'months' | 'period'>): Month[] {
  if (months.length === 0) return [];
  const known = new Map(months.map((month) => [month.month, month]));
  const [first, last] = [period.from.slice(0, 7), period.to.slice(0, 7)];
  const every: Month[] = [];
  for (let end = monthEnd(`${first}-01`); end.slice(0, 7) <= last; end = monthEnd(end, 1)) {
    const month = end.slice(0, 7);
    every.push(known.get(month) ?? { month, dividends: '0', withholdingTax: '0', interest: '0', fees: '0', net: '0' });
  }
  return every;
}
