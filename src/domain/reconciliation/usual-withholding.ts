import { standingOf, sumsOf, type BookedEntry } from '../ledger/sums.js';
import { US_WITHHOLDING } from '../ledger/withholding.js';
import { D } from '../money.js';
import type { DecimalString } from '../types.js';

/**
 * What is withheld of dividends: the treaty's 15 %; nothing, of many a foreign share; 30 % where the broker has no W-8BEN
 * of the holder (26 U.S.C. 1441).
 */
export const WITHHOLDINGS: readonly DecimalString[] = [US_WITHHOLDING, '0', '0.3'];

/** So many bookings of a symbol that agree, or of any symbols, are a habit: one may have been a mistake. */
const HABIT = { symbol: 2, any: 3 };
const PENNY = D('0.01');

/** The fraction that is usually withheld of a symbol's dividends. */
export type UsualWithholding = (symbol: string) => DecimalString;

/**
 * What is usually withheld: what was, of the last two dividends that were booked of the symbol, else of the account's
 * last three, where they agree; else the treaty's 15 %.
 */
export function usualWithholding(entries: readonly BookedEntry[]): UsualWithholding {
  const booked = standingOf(entries, 'DIVIDEND');
  const ofAll = habitOf(booked.slice(-HABIT.any), HABIT.any);
  return (symbol) => {
    const own = booked.filter((entry) => entry.symbol === symbol).slice(-HABIT.symbol);
    return habitOf(own, HABIT.symbol) ?? ofAll ?? US_WITHHOLDING;
  };
}

/** What so many entries withheld, all alike; null where they are fewer or differ. */
function habitOf(entries: readonly BookedEntry[], count: number): DecimalString | null {
  const withheld = entries.map(withheldOf);
  const [first = null] = withheld;
  return withheld.length === count && withheld.every((each) => each === first) ? first : null;
}

/** Which of the known fractions an entry withholds, but for a penny of rounding; null for none of them. */
function withheldOf(entry: BookedEntry): DecimalString | null {
  const tax = [...sumsOf([entry], 'Expenses:WithholdingTax').values()][0] ?? D(0);
  const gross = [...sumsOf([entry], 'Income:Dividends').values()][0]?.neg() ?? D(0);
  return WITHHOLDINGS.find((each) => gross.times(D(each)).minus(tax).abs().lte(PENNY)) ?? null;
}
