import { bookCashMergerSchema } from '../../contract/bookings.js';
import { planCashMerger } from '../../domain/ledger/bookings/cash-merger.js';
import { booking, type Booking } from './booking.js';
import { rateFor, scopeOf } from './event-market.js';

/** A holding that was bought out for cash. */
export const cashMergerBooking: Booking<typeof bookCashMergerSchema> = {
  operation: 'book-cash-merger',
  schema: bookCashMergerSchema,
  async prepare(db, by, event) {
    const rate = await rateFor(db, by, event);
    return {
      action: 'cash_merger.booked',
      detail: event,
      plan: (entries) => planCashMerger(entries, { ...scopeOf(by), ...event }, rate),
    };
  },
};

/** Books that a holding was bought out for cash. */
export const bookCashMerger = booking(cashMergerBooking);
