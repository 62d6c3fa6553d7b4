import type { Knex } from 'knex';
import { newestQuotes } from '../../db/quotes.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import type { PlannedEntry } from '../../domain/ledger/bookings/plan.js';
import { holdingsMoved, type HoldingMoved } from '../../domain/ledger/holdings-moved.js';
import { replayBook } from '../../domain/ledger/positions.js';
import { openingDate, symbolsEverHeld, type BookedEntry } from '../../domain/ledger/sums.js';
import { openingPriceFrom, type Quote } from '../../domain/ledger/valuation.js';
import { D } from '../../domain/money.js';
import type { IsoDate } from '../../domain/types.js';
import type { Admitted } from '../installation.js';

/** What entries that may come change in what is held. */
export interface Moved {
  holdings: HoldingMoved[];
  /** Symbols that are held then and have no price: their value, and equity, would be unknown. */
  unpriced: string[];
}

/** What entries that may come change in what is held, by the pools and the prices that the report of the ledger has. */
export async function movedBy(
  db: Knex,
  { account: { baseCurrency }, configuration: { policy }, operator, at }: Admitted,
  entries: readonly BookedEntry[],
  coming: readonly (Pick<PlannedEntry, 'draft' | 'key'> & Partial<Pick<PlannedEntry, 'reversesEntryId'>>)[],
): Promise<Moved> {
  const last = entries.at(-1)?.entryId ?? 0;
  const booked = coming.map(({ draft, key, reversesEntryId = null }, index): BookedEntry => ({
    ...draft,
    entryId: last + 1 + index,
    bookedAt: at,
    reversesEntryId,
    ticketId: null,
    confirmationId: null,
    idempotencyKey: key,
    operator,
  }));
  const all = [...entries, ...booked];
  const pricesOf = async (symbols: string[], to: IsoDate | null): Promise<Map<string, Quote>> =>
    to === null || symbols.length === 0 ? new Map() : newestQuotes(db, { policy, baseCurrency, symbols, to });
  const opened = openingPriceFrom(await pricesOf([...symbolsEverHeld(all)], openingDate(all)));
  const holdings = holdingsMoved(replayBook(entries, baseCurrency, opened), replayBook(all, baseCurrency, opened));
  const held = holdings.filter(({ after }) => D(after.units).gt(0)).map(({ symbol }) => symbol);
  const known = await pricesOf(held, asOfDate(tradingDayOf(at), policy.calendar));
  return { holdings, unpriced: held.filter((symbol) => !known.has(symbol)) };
}
