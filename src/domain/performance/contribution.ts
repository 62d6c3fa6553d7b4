import { D, Decimal, toText } from '../money.js';
import type { DecimalString, IsoDate } from '../types.js';
import { daysBetween } from './annual.js';

/** Money that came in (above 0) or went out (below 0) of an account, base currency. */
export interface ExternalFlow {
  date: IsoDate;
  amount: DecimalString;
}

/** What an account held and what flowed over a period; values of the first and last close, base currency. */
export interface Period {
  from: IsoDate;
  to: IsoDate;
  start: DecimalString;
  end: DecimalString;
  /** After the first close, up to the last; one outside is of the nearer end. */
  flows: readonly ExternalFlow[];
}

/**
 * What Modified Dietz divides by, and what was earned: equity at the start with each flow by the part of the time it
 * was there.
 */
export function dietzParts({ from, to, start, end, flows }: Period): { gain: Decimal; average: Decimal } {
  const days = daysBetween(from, to);
  const weight = (date: IsoDate) =>
    days === 0 ? D(0) : Decimal.min(1, Decimal.max(0, D(daysBetween(date, to)).div(days)));
  const sum = (of: (flow: ExternalFlow) => Decimal) => flows.reduce((total, flow) => total.plus(of(flow)), D(0));
  return {
    gain: D(end)
      .minus(D(start))
      .minus(sum(({ amount }) => D(amount))),
    average: D(start).plus(sum(({ date, amount }) => D(amount).times(weight(date)))),
  };
}

/**
 * Modified Dietz return: `(end − start − flows) / (start + Σ wᵢ · flowᵢ)`, w the part of the period's calendar days
 * that are left after the flow. Null where the average capital is not above 0.
 */
export function modifiedDietz(period: Period): number | null {
  const { gain, average } = dietzParts(period);
  return average.gt(0) ? gain.div(average).toNumber() : null;
}

/** What a symbol did over a period, base currency; costs and proceeds as they were booked. */
export interface SymbolPeriod {
  symbol: string;
  start: DecimalString;
  end: DecimalString;
  bought: DecimalString;
  sold: DecimalString;
  /** After tax withheld, with returns of capital. */
  dividends: DecimalString;
  fees: DecimalString;
}

/** What something brought, in money and as a part of the Modified Dietz return. */
export interface Contribution {
  gain: DecimalString;
  /** Null where the average capital is not above 0. */
  contribution: number | null;
}

/** The whole return, taken apart. */
export interface Contributions {
  symbols: (SymbolPeriod & Contribution)[];
  interest: Contribution;
  /** Fees about no symbol, below 0. */
  fees: Contribution;
  /** What the parts leave of the whole: what was set right by hand, corrected closes, pennies. */
  residual: Contribution;
  total: Contribution;
}

/** What a symbol earned: `end − start − bought + sold + dividends − fees`. */
export const gainOf = ({ start, end, bought, sold, dividends, fees }: SymbolPeriod): Decimal =>
  D(end).minus(D(start)).minus(D(bought)).plus(D(sold)).plus(D(dividends)).minus(D(fees));

/**
 * Contributions to the Modified Dietz return: each gain over the average capital, and a residual, so that symbols,
 * interest, fees and residual add up to the whole to the penny.
 */
export function contributionsTo(
  period: Period,
  symbols: readonly SymbolPeriod[],
  other: { interest: DecimalString; fees: DecimalString },
): Contributions {
  const { gain, average } = dietzParts(period);
  const part = (amount: Decimal): Contribution => ({
    gain: toText(amount),
    contribution: average.gt(0) ? amount.div(average).toNumber() : null,
  });
  const [interest, fees] = [D(other.interest), D(other.fees).neg()];
  const residual = symbols.reduce((left, each) => left.minus(gainOf(each)), gain.minus(interest).minus(fees));
  return {
    symbols: symbols.map((each) => ({ ...each, ...part(gainOf(each)) })),
    interest: part(interest),
    fees: part(fees),
    residual: part(residual),
    total: part(gain),
  };
}
