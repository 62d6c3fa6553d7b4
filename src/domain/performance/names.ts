import type { DecimalString } from '../types.js';
import type { FlowTiming } from './twr.js';

/*
 * Each figure is printed with the name of its formula: a percentage without one can be any of several
 * (docs/GLOSSARY.md).
 */

const TIMINGS: Record<FlowTiming, string> = {
  'in-at-start-out-at-end': 'inflow at start / outflow at end of day',
  'all-at-end': 'all flows at end of day',
  'all-at-start': 'all flows at start of day',
};

/** `TWR, daily, inflow at start / outflow at end of day, GBP, after fees and WHT`. */
export const timeWeightedName = (timing: FlowTiming, baseCurrency: string): string =>
  `TWR, daily, ${TIMINGS[timing]}, ${baseCurrency}, after fees and WHT`;

/** The rates that are looked at: one beyond them is told as none, with where it was looked for. */
export const RATES_LOOKED_AT = '(−100 %, 5,000 %]';

/** Of a rate a year, or of one over a time that is shorter. */
export const moneyWeightedName = (isAnnual: boolean): string =>
  isAnnual
    ? `XIRR, a year of 365 days, every root of the sign scan over ${RATES_LOOKED_AT}`
    : 'IRR of the period, not annualised (under one year), every root of the sign scan';

export const DIETZ_NAME = 'Modified Dietz, calendar days, flows at end of day';
export const DRAWDOWN_NAME = 'fall from the highest growth since the start, the starting point included';
export const VOLATILITY_NAME = 'standard deviation of daily returns (n − 1) × √252, over closes with a value';
export const PERIOD_VOLATILITY_NAME = '√(Σ(ln(1+r) − mean)² / (n−1) · n), of the period, not annualised';
export const ANNUAL_NAME = '(1 + return)^(365 / calendar days) − 1, only from one year on';
export const CURRENCY_NAME = '(1 + local) · (1 + currency) − 1, daily, currency on what was held at the close before';
export const RELATIVE_NAME = '(1 + account) / (1 + benchmark) − 1';
export const CONTRIBUTION_NAME =
  '(end − start − bought + sold + dividends after WHT − fees) / average capital; with the residual: Modified Dietz';
export const SAME_DEPOSITS_NAME =
  'the same deposits into the benchmark: in at the close before, out at the close of the day';
export const SLIPPAGE_NAME = '(fill price − reference close) × units × side, at the rate of the ticket';
export const CURRENCY_COST_NAME = 'executed value against units × fill price at the rate of the day of the fill';
export const MISSED_NAME =
  'value of the line × growth from its as-of date to that of the next line of the share and side, or to the end; ' +
  'dividends reinvested, base currency';
export const REALISED_NAME = 'pooled cost (average, Section 104), by the year of the sale';
export const UNREALISED_NAME = 'value less pooled cost at the last close of the year';

/**
 * What a series is: a benchmark whose dividends nobody told is a price index, and is called that wherever it appears.
 */
export type BenchmarkKind = 'total-return' | 'price-index';

/** `SPY total return, dividends net of 15 % withholding, GBP`, or `SP500 (PRICE INDEX, without dividends), GBP`. */
export function benchmarkName(
  symbol: string,
  kind: BenchmarkKind,
  withholding: DecimalString,
  baseCurrency: string,
): string {
  if (kind === 'price-index') return `${symbol} (PRICE INDEX, without dividends), ${baseCurrency}`;
  const tax = Number(withholding);
  const dividends = tax === 0 ? 'dividends gross' : `dividends net of ${Number((tax * 100).toFixed(4))} % withholding`;
  return `${symbol} total return, ${dividends}, ${baseCurrency}`;
}
