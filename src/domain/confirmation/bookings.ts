import { tradingDayOf } from '../calendar/calendar.js';
import { fillEntry, type EntryDraft } from '../ledger/entries.js';
import type { Fill } from './shape.js';

/** The entry that books a fill; null where nothing was executed. */
export function bookingOfFill(
  { units, executedValueBase: value, filledAt, internalSymbol: symbol, side }: Fill,
  baseCurrency: string,
): EntryDraft | null {
  if (units === null || value === null || filledAt === null) return null;
  return fillEntry({ date: tradingDayOf(filledAt), baseCurrency, symbol, side, units, value });
}
