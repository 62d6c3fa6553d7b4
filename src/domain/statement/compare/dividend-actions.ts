import { dayNumber } from '../../dates.js';
import { bookedUnder, dividendKey } from '../../ledger/keys.js';
import { unitsBefore } from '../../ledger/sums.js';
import { D, Decimal } from '../../money.js';
import type { CorporateAction } from '../../types.js';
import type { LedgerFacts } from './facts.js';

/** What was paid of a symbol on a day, and which dividend it is of nobody has booked. */
export interface Payment {
  symbol: string;
  date: string;
  /** Net and withheld, in USD as the statement says it. */
  gross: Decimal;
  /** Rows that it was paid in, each rounded. */
  rows: number;
}

/** The dividend that a payment is of, or those that it may be of where nobody can tell. */
export interface Attributed {
  action: CorporateAction | null;
  known: readonly CorporateAction[];
}

/** Ex-dates lie so many days at most before the payment. */
export const EX_DATE_DAYS = 75;
/** How far a payment may be from what a dividend comes to by the ledger's units. */
const FITS = '0.02';
/** Farther than that it is another dividend, and not one whose units the ledger has wrong. */
const IS_OF = '0.25';

/**
 * Which of the dividends that sources tell of, and that nobody has booked, each payment is: the one that comes to its
 * amount, the newest of several; else the only one that there is. Each is given once.
 */
export function attribute(payments: readonly Payment[], facts: LedgerFacts): Map<Payment, Attributed> {
  const found = new Map<Payment, Attributed>();
  const taken = new Set<CorporateAction>();
  const give = (payment: Payment, action: CorporateAction | undefined) => {
    if (!action) return;
    taken.add(action);
    found.set(payment, { action, known: [action] });
  };
  const known = new Map(payments.map((payment) => [payment, knownOf(payment, facts)]));
  const left = (payment: Payment) => (known.get(payment) ?? []).filter((action) => !taken.has(action));
  const waiting = (of: Payment) =>
    payments.filter((each) => each.symbol === of.symbol && each.date === of.date && !found.has(each));
  for (const payment of payments) {
    const fitting = left(payment).filter((action) => isWithin(payment, action, facts, FITS) === true);
    const newest = fitting.filter(({ exDate }) => exDate === fitting[0]?.exDate);
    const rivals = waiting(payment).filter((each) => each.gross.eq(payment.gross));
    if (newest.length <= rivals.length) give(payment, newest[0]);
  }
  for (const payment of payments.filter((each) => !found.has(each))) {
    const rest = left(payment);
    const isOnly = waiting(payment).length === 1 && new Set(rest.map(typeOf)).size === 1;
    const [newest] = rest;
    if (isOnly && newest && isWithin(payment, newest, facts, IS_OF) !== false) give(payment, newest);
    else found.set(payment, { action: null, known: known.get(payment) ?? [] });
  }
  return found;
}

const typeOf = ({ dividendType }: CorporateAction): string => dividendType ?? 'regular';

/** Dividends that may be paid on a day and are not booked, the newest first. */
export const knownOf = (
  { symbol, date }: Pick<Payment, 'symbol' | 'date'>,
  { actions, entries }: LedgerFacts,
): CorporateAction[] =>
  actions
    .filter((action) => {
      const days = dayNumber(date) - dayNumber(action.exDate);
      return action.kind === 'DIVIDEND' && action.symbol === symbol && days >= 0 && days <= EX_DATE_DAYS;
    })
    .filter(({ exDate, dividendType }) => bookedUnder(entries, dividendKey(symbol, exDate, dividendType)) === undefined)
    .toSorted((a, b) => (a.exDate === b.exDate ? 0 : a.exDate < b.exDate ? 1 : -1));

/** Null where the ledger held none, or the dividend is in another currency: nobody can tell then. */
function isWithin(
  { symbol, gross, rows }: Payment,
  { exDate, value, currency }: CorporateAction,
  { entries }: LedgerFacts,
  leeway: string,
): boolean | null {
  const units = unitsBefore(entries, symbol, exDate);
  if (units.lte(0) || (currency ?? 'USD') !== 'USD') return null;
  const due = units.times(value);
  return due
    .minus(gross)
    .abs()
    .lte(Decimal.max(due.times(leeway), D('0.02').times(rows)));
}
