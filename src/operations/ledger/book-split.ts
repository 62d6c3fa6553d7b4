import type { Asker } from '../../contract/asker.js';
import { bookSplitSchema, type BookSplit } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planSplit } from '../../domain/ledger/bookings/split.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { actionsToBook } from './actions-to-book.js';
import { bookPlanned, type Booked } from './book-planned.js';

/**
 * Books a split once a symbol and ex-date, up to the as-of date: a stored one, or one whose ratio the operator gives.
 */
export function bookSplit(installation: Installation, asker: Asker, input: BookSplit): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, symbol, exDate, ratio } = parseInput(bookSplitSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-split', symbol, exDate, ratio },
    });
    const known =
      ratio === null ? await actionsToBook(installation.db, by, symbol, exDate) : { settled: [], holds: [] };
    const today = tradingDayOf(by.at);
    const command = {
      account: by.account,
      today,
      asOfDate: asOfDate(today, by.configuration.policy.calendar),
      symbol,
      exDate,
      ratio,
    };
    const detail = { ratio, source: ratio === null ? 'stored action' : 'operator' };
    return bookPlanned(installation.db, by, { action: 'split.booked', detail }, (entries) =>
      planSplit(entries, command, known),
    );
  });
}
