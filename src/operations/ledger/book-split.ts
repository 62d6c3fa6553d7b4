import { bookSplitSchema } from '../../contract/bookings.js';
import { planSplit } from '../../domain/ledger/bookings/split.js';
import { actionsToBook } from './actions-to-book.js';
import { booking, type Booking } from './booking.js';
import { scopeOf } from './event-market.js';

/** A split, up to the as-of date: a stored one, or one whose ratio the operator gives. */
export const splitBooking: Booking<typeof bookSplitSchema> = {
  operation: 'book-split',
  schema: bookSplitSchema,
  async prepare(db, by, { symbol, exDate, ratio }) {
    const known = ratio === null ? await actionsToBook(db, by, symbol, exDate) : { settled: [], holds: [] };
    const { account, today, asOfDate } = scopeOf(by);
    return {
      action: 'split.booked',
      detail: { ratio, source: ratio === null ? 'stored action' : 'operator' },
      plan: (entries) => planSplit(entries, { account, today, asOfDate, symbol, exDate, ratio }, known),
    };
  },
};

/** Books a split once a symbol and ex-date. */
export const bookSplit = booking(splitBooking);
