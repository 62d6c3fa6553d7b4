import type { PerformanceReport } from '../../contract/performance.js';
import { RATES_LOOKED_AT } from '../../domain/performance/names.js';
import { counted, grouped, money, percent, signedMoney, signedPercent } from '../render/format.js';

/** A table of a performance in words, with the names of the formulas below it. */
export interface FigureTable {
  title: string;
  columns: string[];
  rows: string[][];
  names: string[];
}

/** A return as it is printed; what is not known is `n/a`, never 0. */
export const returnText = (value: number | null): string => (value === null ? 'n/a' : signedPercent(String(value)));
const shareText = (value: number | null): string => (value === null ? 'n/a' : percent(String(value)));
const bpsText = (value: number): string => `${value < 0 ? '−' : ''}${grouped(String(Math.abs(value)), 1)} bps`;

/** Rates as they are printed: one, all of them, or none, and where they were looked for. */
export const ratesText = ({ roots, rates, isAnnual }: PerformanceReport['moneyWeighted']): string =>
  roots === 'none'
    ? `none in ${RATES_LOOKED_AT}`
    : `${rates.map((rate) => signedPercent(String(rate))).join(' and ')}${isAnnual ? ' a year' : ''}`;

/** How many lines of the cost of hands are listed; all of them are in the CSV. */
const LINES_LISTED = 10;

/** The tables of a performance, each figure beside the name of its formula. */
export function performanceLines(report: PerformanceReport, baseCurrency: string): FigureTable[] {
  return [
    equityTable(report, baseCurrency),
    returnsTable(report),
    riskTable(report),
    contributionTable(report, baseCurrency),
    handsTable(report, baseCurrency),
    ...missedTable(report, baseCurrency),
    ...deviationTable(report, baseCurrency),
    yearsTable(report, baseCurrency),
  ];
}

/** Where the value stood at both ends, and what made the difference. */
export function equityTable({ equity }: PerformanceReport, base: string): FigureTable {
  return {
    title: 'Equity',
    columns: ['', base],
    rows: [
      ['start', money(equity.start, base)],
      ['deposits', money(equity.deposits, base)],
      ['withdrawals', money(equity.withdrawals, base)],
      ...(equity.setRight === '0' ? [] : [['set right by hand', signedMoney(equity.setRight, base)]]),
      ['gain', signedMoney(equity.gain, base)],
      ['end', money(equity.end, base)],
    ],
    names: [],
  };
}

/** Every return of the period, each by the name of its formula. */
export function returnsTable({
  timeWeighted,
  moneyWeighted,
  modifiedDietz,
  currency,
  benchmark,
}: PerformanceReport): FigureTable {
  const row = (name: string, total: string, annual: string) => [name, total, annual];
  return {
    title: 'Returns',
    columns: ['', 'period', 'a year'],
    rows: [
      row('account', returnText(timeWeighted.total), returnText(timeWeighted.annual)),
      ...(benchmark === null
        ? []
        : [
            row(benchmark.label, returnText(benchmark.total), returnText(benchmark.annual)),
            row('account against it', returnText(benchmark.relative.total), ''),
          ]),
      row('money-weighted', ...splitRates(moneyWeighted)),
      ...(benchmark?.sameDeposits
        ? [row('same deposits into the benchmark', ...splitRates(benchmark.sameDeposits.moneyWeighted))]
        : []),
      row('Modified Dietz', returnText(modifiedDietz.total), ''),
      row('local return', returnText(currency.local), ''),
      row('currency', returnText(currency.currency), ''),
    ],
    names: [
      `account: ${timeWeighted.formula}; a year: ${timeWeighted.annualFormula}`,
      ...timeWeighted.others.map(({ formula, total }) => `by another convention, ${formula}: ${returnText(total)}`),
      ...(benchmark === null ? [] : [`against it: ${benchmark.relative.formula}`]),
      `money-weighted: ${moneyWeighted.formula}`,
      `Modified Dietz: ${modifiedDietz.formula}`,
      `local and currency: ${currency.formula}`,
    ],
  };
}

const splitRates = (rates: PerformanceReport['moneyWeighted']): [string, string] =>
  rates.isAnnual ? ['', ratesText(rates)] : [ratesText(rates), ''];

/** Falls and volatility, beside those of the benchmark where there is one. */
export function riskTable({ risk: { drawdown, volatility }, benchmark }: PerformanceReport): FigureTable {
  const deepest = drawdown.deepest;
  const row = (name: string, own: string, other = '') => [name, own, ...(benchmark === null ? [] : [other])];
  return {
    title: 'Risk',
    columns: row('', 'account', benchmark?.label),
    rows: [
      row('deepest fall', returnText(drawdown.depth), benchmark ? returnText(benchmark.drawdown) : ''),
      row('below the peak now', returnText(drawdown.now)),
      row('volatility a day', shareText(volatility.daily), benchmark ? shareText(benchmark.volatility.daily) : ''),
      row('volatility a year', shareText(volatility.annual), benchmark ? shareText(benchmark.volatility.annual) : ''),
      row('volatility of the period', shareText(volatility.period)),
      row('semi-deviation of the period', shareText(volatility.semiDeviation)),
    ],
    names: [
      ...(deepest
        ? [
            `the deepest: peak of ${deepest.peak}, lowest on ${deepest.trough}, ` +
              (deepest.recovered === null ? 'not made good' : `made good on ${deepest.recovered}`),
          ]
        : []),
      `fall: ${drawdown.formula}`,
      `volatility: ${volatility.formula}; ${counted(volatility.returns, 'return')}`,
      `of the period: ${volatility.periodFormula}`,
    ],
  };
}

/** What each position brought, what is no position's, and the sum of all. */
export function contributionTable({ contributions }: PerformanceReport, base: string): FigureTable {
  const { symbols, interest, fees, residual, total, formula } = contributions;
  const part = (name: string, each: { gain: string; contribution: number | null }, price = '', rate = '') => [
    name,
    signedMoney(each.gain, base),
    returnText(each.contribution),
    price,
    rate,
  ];
  return {
    title: 'Contributions',
    columns: ['', 'gain', 'contribution', 'price', 'currency'],
    rows: [
      ...symbols.map((each) =>
        part(
          each.symbol,
          each,
          each.priceChange === null ? '' : returnText(each.priceChange),
          each.currencyChange === null ? '' : returnText(each.currencyChange),
        ),
      ),
      part('interest', interest),
      part('other fees', fees),
      part('residual', residual),
      part('all', total),
    ],
    names: [formula],
  };
}

/** Slippage and currency cost by year, by month, and of the dearest lines. */
export function handsTable({ hands }: PerformanceReport, base: string): FigureTable {
  const sums = [...hands.years, ...hands.months.slice(-12), { ...hands.total, period: 'all' }];
  const dearest = dearestOf(hands.lines);
  const cost = (each: { money: string; bps: number }) => [signedMoney(each.money, base), bpsText(each.bps)];
  return {
    title: 'Cost of doing it by hand (above 0: worse than the reference)',
    columns: ['', 'lines', 'slippage', 'slippage, bps', 'currency', 'currency, bps'],
    rows:
      hands.lines.length === 0
        ? []
        : [
            ...sums.map((sum) => [sum.period, String(sum.lines), ...cost(sum.slippage), ...cost(sum.currencyCost)]),
            ...dearest.map((line) => [
              `${line.tradingDay} ${line.side} ${line.symbol}`,
              '',
              ...cost(line.slippage),
              ...(line.currencyCost === null ? ['', ''] : cost(line.currencyCost)),
            ]),
          ],
    names: [
      `slippage: ${hands.slippageFormula}`,
      `currency: ${hands.currencyFormula}`,
      ...(hands.total.withoutRate > 0
        ? [`${counted(hands.total.withoutRate, 'line')} of days without a rate left out of it`]
        : []),
    ],
  };
}

/** The lines that cost most, the dearest first. Of years of them all but these are passed over before any is sorted. */
function dearestOf(lines: PerformanceReport['hands']['lines']): PerformanceReport['hands']['lines'] {
  const costs = lines.map(({ slippage }) => Number(slippage.money));
  const least = Float64Array.from(costs).toSorted().at(-LINES_LISTED) ?? -Infinity;
  return lines
    .filter((_, index) => costs[index]! >= least)
    .toSorted((a, b) => Number(b.slippage.money) - Number(a.slippage.money))
    .slice(0, LINES_LISTED);
}

/** Lines of which nothing was executed; none where there are none. */
export function missedTable({ hands }: PerformanceReport, base: string): FigureTable[] {
  if (hands.missed.length === 0) return [];
  return [
    {
      title: 'Lines that were left out',
      columns: ['', 'value', 'cost since'],
      rows: hands.missed.map((line) => [
        `${line.tradingDay} ${line.side} ${line.symbol} ${line.status}`,
        money(line.value, base),
        line.missed === null ? 'n/a' : signedMoney(line.missed, base),
      ]),
      names: [`cost since: ${hands.missedFormula}`],
    },
  ];
}

/** Fills that departed from their lines; none where there are none. */
export function deviationTable({ hands: { deviations } }: PerformanceReport, base: string): FigureTable[] {
  if (deviations.length === 0) return [];
  return [
    {
      title: 'Deviations',
      columns: ['', 'beyond the limit'],
      rows: deviations.map((each) => [
        `${each.tradingDay} line ${each.sequence} ${each.symbol}: ${each.text}`,
        each.amountBase === null ? 'n/a' : money(each.amountBase, base),
      ]),
      names: [],
    },
  ];
}

/** Realised, unrealised and income by calendar year. */
export function yearsTable({ years }: PerformanceReport, base: string): FigureTable {
  const amount = (value: string | null) => (value === null ? 'unknown' : signedMoney(value, base));
  return {
    title: 'By year',
    columns: ['', 'realised', 'unrealised', 'dividends', 'tax', 'interest', 'fees'],
    rows: years.map((year) => [
      year.year,
      amount(year.realised),
      amount(year.unrealised),
      money(year.dividends, base),
      money(year.withholdingTax, base),
      money(year.interest, base),
      money(year.fees, base),
    ]),
    names:
      years[0] === undefined
        ? []
        : [`realised: ${years[0].realisedFormula}; unrealised: ${years[0].unrealisedFormula}`],
  };
}
