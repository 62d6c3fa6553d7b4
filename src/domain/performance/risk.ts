import { SESSIONS_OF_YEAR } from './annual.js';

/** Sum of the squares of how far each is from the mean. */
const squares = (values: readonly number[], mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0);

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of daily returns with n − 1 (a sample's); null of fewer than two. */
export const dailyVolatility = (returns: readonly number[]): number | null =>
  returns.length < 2 ? null : Math.sqrt(squares(returns, meanOf(returns)) / (returns.length - 1));

/**
 * Volatility a year: the daily one times √252 (empyrical's annual volatility, ddof 1); null of fewer than two returns.
 */
export function annualVolatility(returns: readonly number[]): number | null {
  const daily = dailyVolatility(returns);
  return daily === null ? null : daily * Math.sqrt(SESSIONS_OF_YEAR);
}

/**
 * Volatility of the period itself, as Portfolio Performance has it: `√(Σ(ln(1+r) − mean)² / (n−1) · n)`, nothing
 * annualised. Null of fewer than two returns, and after a whole loss, which has no logarithm.
 */
export const periodVolatility = (returns: readonly number[]): number | null => logDeviation(returns, () => true);

/** The same of the returns below their mean alone: Portfolio Performance's semi-deviation. */
export const semiDeviation = (returns: readonly number[]): number | null =>
  logDeviation(returns, (value, mean) => value < mean);

function logDeviation(returns: readonly number[], counts: (value: number, mean: number) => boolean): number | null {
  if (returns.length < 2 || returns.some((value) => value <= -1)) return null;
  const logs = returns.map((value) => Math.log1p(value));
  const mean = meanOf(logs);
  const counted = logs.filter((value) => counts(value, mean));
  return Math.sqrt((squares(counted, mean) / (returns.length - 1)) * returns.length);
}
