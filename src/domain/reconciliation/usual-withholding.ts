import { standingEntries, sumsOf, type BookedEntry } from '../ledger/sums.js';
import { US_WITHHOLDING } from '../ledger/withholding.js';
import { D } from '../money.js';
import type { DecimalString } from '../types.js';

/**
 * What is withheld of dividends besides the usual 15 %: nothing, of many a foreign share and of a payment in cash; 30 %
 * where the broker has no W-8BEN of the holder (26 U.S.C. 1441).
 */
export const OTHER_WITHHOLDINGS: readonly DecimalString[] = ['0', '0.3'];

/** So many bookings that agree are a habit: one may have been a mistake. */
const HABIT = 2;
const PENNY = D('0.01');

/**
 * The fraction that is usually withheld of a symbol's dividends: the treaty's 15 %, unless the last two that were
 * booked of it had one of the others.
 */
export function usualWithholding(entries: readonly BookedEntry[], symbol: string): DecimalString {
  const last = standingEntries(entries.filter((entry) => entry.symbol === symbol))
    .filter((entry) => entry.kind === 'DIVIDEND')
    .slice(-HABIT)
    .map(withheldOf);
  const [first = null] = last;
  return first !== null && last.length === HABIT && last.every((each) => each === first) ? first : US_WITHHOLDING;
}

/** Which of the known fractions an entry withholds, but for a penny of rounding; null for none of them. */
function withheldOf(entry: BookedEntry): DecimalString | null {
  const tax = [...sumsOf([entry], 'Expenses:WithholdingTax').values()][0] ?? D(0);
  const gross = [...sumsOf([entry], 'Income:Dividends').values()][0]?.neg() ?? D(0);
  return (
    [US_WITHHOLDING, ...OTHER_WITHHOLDINGS].find((each) => gross.times(D(each)).minus(tax).abs().lte(PENNY)) ?? null
  );
}
