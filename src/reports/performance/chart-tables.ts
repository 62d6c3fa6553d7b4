import type { PerformanceClose, PerformanceReport } from '../../contract/performance.js';
import { D } from '../../domain/money.js';
import { relativeReturn } from '../../domain/performance/benchmark.js';
import type { IsoDate } from '../../domain/types.js';
import { counted, money } from '../render/format.js';
import { everyMonth, hasFlow } from './charts.js';
import { returnText, type FigureTable } from './figures.js';
import { reasonText } from './remarks.js';

/** So many closes are listed one by one, those of a quarter; of more the last of each month and what stands out. */
const CLOSES_LISTED = 70;

/** What stands out, and the word for it. */
type Marked = ReadonlyMap<IsoDate, string>;

/** Equity by close: what the chart of it is drawn of, with what came in and went out. */
export function equityFigures({ closes }: PerformanceReport, base: string): FigureTable {
  const marked = extremesOf([['', closes.map(({ equity }) => Number(equity))]], closes);
  const isNews = (close: PerformanceClose, index: number) =>
    hasFlow(close) || close.missing.length > 0 || (close.restated !== null && closes[index - 1]?.restated == null);
  return {
    title: 'Equity by close',
    columns: ['close of', 'equity', 'cash', 'positions', 'in', 'out', 'note'],
    rows: listed(closes, marked, isNews).map((close) => [
      close.date,
      money(close.equity, base),
      money(close.cash, base),
      money(close.positions, base),
      amount(close.inflow, base),
      amount(close.outflow, base),
      noteOf(close, marked, base),
    ]),
    names: listedHow(closes),
  };
}

/** Growth and fall by close. */
export function fallFigures({ closes }: PerformanceReport): FigureTable {
  const marked = extremesOf([['', closes.map(({ fall }) => fall)]], closes);
  return {
    title: 'Fall by close',
    columns: ['close of', 'growth since the start', 'fall', 'note'],
    rows: listed(closes, marked).map((close) => [
      close.date,
      returnText(close.growth - 1),
      returnText(close.fall),
      noteOf(close, marked),
    ]),
    names: listedHow(closes),
  };
}

/** Returns since the start by close, of the account and of what it is held against. */
export function growthFigures({ closes, benchmark }: PerformanceReport, account: string, base: string): FigureTable {
  const own = closes.map(({ growth }) => growth);
  const other = closes.map(({ benchmark: growth }) => growth ?? Number.NaN);
  const marked = extremesOf(
    [[account, own] as const, ...(benchmark === null ? [] : [[benchmark.symbol, other] as const])],
    closes,
  );
  const since = (growth: number | null) => returnText(growth === null ? null : growth - 1);
  return {
    title: 'Returns by close',
    columns: [
      'close of',
      'account',
      ...(benchmark === null ? [] : [benchmark.label, 'account against it', 'same deposits into it']),
      'note',
    ],
    rows: listed(closes, marked).map((close) => [
      close.date,
      since(close.growth),
      ...(benchmark === null
        ? []
        : [
            since(close.benchmark),
            close.benchmark === null ? 'n/a' : returnText(relativeReturn(close.growth - 1, close.benchmark - 1)),
            close.sameDeposits === null ? 'n/a' : money(close.sameDeposits, base),
          ]),
      noteOf(close, marked),
    ]),
    names: listedHow(closes),
  };
}

/** Income by month, fees below nothing as they are drawn. */
export const incomeFigures = (report: PerformanceReport, base: string): FigureTable => ({
  title: 'Income by month',
  columns: ['month', 'dividends', 'tax', 'interest', 'after tax', 'fees'],
  rows: everyMonth(report).map((month) => [
    month.month,
    money(month.dividends, base),
    money(month.withholdingTax, base),
    money(month.interest, base),
    money(month.net, base),
    money(D(month.fees).neg().toFixed(), base),
  ]),
  names: ['After tax: dividends and interest less the tax; fees are not in it.'],
});

const amount = (value: string, base: string): string => (/[1-9]/.test(value) ? money(value, base) : '');

/** The first of the lowest and of the highest values of each series, by their dates. */
function extremesOf(
  series: readonly (readonly [name: string, values: readonly number[]])[],
  closes: readonly PerformanceClose[],
): Marked {
  const marked = new Map<IsoDate, string>();
  for (const [name, values] of series) {
    const known = values.filter(Number.isFinite);
    if (known.length === 0) continue;
    const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
    for (const [word, value] of [
      ['lowest', low],
      ['highest', high],
    ] as const) {
      const { date } = closes[values.indexOf(value)]!;
      const told = name === '' ? word : `${word} of ${name}`;
      marked.set(date, marked.has(date) ? `${marked.get(date)}, ${told}` : told);
    }
  }
  return marked;
}

/** The closes that a table lists: all of a quarter; of more the first, the last of each month, and what stands out. */
function listed(
  closes: readonly PerformanceClose[],
  marked: Marked,
  isNews: (close: PerformanceClose, index: number) => boolean = () => false,
): readonly PerformanceClose[] {
  if (closes.length <= CLOSES_LISTED) return closes;
  return closes.filter((close, index) => {
    const isLast = closes[index + 1]?.date.slice(0, 7) !== close.date.slice(0, 7);
    return index === 0 || isLast || marked.has(close.date) || isNews(close, index);
  });
}

const listedHow = (closes: readonly PerformanceClose[]): string[] =>
  closes.length <= CLOSES_LISTED
    ? []
    : [
        `Of ${counted(closes.length, 'close')} the first, the last of each month, and what stands out; of a range up to ` +
          'a quarter every one is listed, and all of them are in the CSV.',
      ];

/** What there is to say of a close: what stands out, what is missing before it, and that it was said otherwise. */
const noteOf = ({ date, missing, restated }: PerformanceClose, marked: Marked, base?: string): string =>
  [
    marked.get(date) ?? '',
    missing.length > 0 ? `${counted(missing.length, 'session')} before it without a value` : '',
    restated === null
      ? ''
      : base === undefined
        ? 'restated'
        : `restated, ${money(restated.published, base)} before: ${reasonText(restated.because)}`,
  ]
    .filter((part) => part !== '')
    .join('; ');
