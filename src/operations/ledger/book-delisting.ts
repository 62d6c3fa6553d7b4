import { bookDelistingSchema } from '../../contract/bookings.js';
import { planDelisting } from '../../domain/ledger/bookings/cash-merger.js';
import { booking, type Booking } from './booking.js';
import { rateFor, scopeOf } from './event-market.js';

/** A holding that is gone. */
export const delistingBooking: Booking<typeof bookDelistingSchema> = {
  operation: 'book-delisting',
  schema: bookDelistingSchema,
  async prepare(db, by, event) {
    const rate = await rateFor(db, by, event);
    return {
      action: 'delisting.booked',
      detail: event,
      plan: (entries) => planDelisting(entries, { ...scopeOf(by), ...event }, rate),
    };
  },
};

/** Books that a holding is gone, for what was paid out in the end or for nothing. */
export const bookDelisting = booking(delistingBooking);
