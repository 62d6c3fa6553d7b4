import { bookStockMergerSchema } from '../../contract/bookings.js';
import { planStockMerger } from '../../domain/ledger/bookings/stock-merger.js';
import { booking, type Booking } from './booking.js';
import { firstValues, rateFor, scopeOf } from './event-market.js';

/** A holding that was exchanged for shares of another company, with cash or without. */
export const stockMergerBooking: Booking<typeof bookStockMergerSchema> = {
  operation: 'book-stock-merger',
  schema: bookStockMergerSchema,
  async prepare(db, by, event) {
    const rate = await rateFor(db, by, event);
    const values = await firstValues(db, by, { to: event.to, date: event.date });
    return {
      action: 'stock_merger.booked',
      detail: event,
      plan: (entries) => planStockMerger(entries, { ...scopeOf(by), ...event }, { rate, values }),
    };
  },
};

/** Books that a holding was exchanged for shares of another company, with cash or without. */
export const bookStockMerger = booking(stockMergerBooking);
