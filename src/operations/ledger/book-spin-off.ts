import { bookSpinOffSchema } from '../../contract/bookings.js';
import { planSpinOff } from '../../domain/ledger/bookings/stock-merger.js';
import { booking, type Booking } from './booking.js';
import { firstValues, scopeOf } from './event-market.js';

/** Shares of a new company that came beside those held. */
export const spinOffBooking: Booking<typeof bookSpinOffSchema> = {
  operation: 'book-spin-off',
  schema: bookSpinOffSchema,
  async prepare(db, by, said) {
    const { exDate: date, ...event } = said;
    const values = await firstValues(db, by, { from: event.symbol, to: event.to, date });
    return {
      action: 'spin_off.booked',
      detail: said,
      plan: (entries) => planSpinOff(entries, { ...scopeOf(by), ...event, date }, values),
    };
  },
};

/** Books that shares of a new company came beside those held. */
export const bookSpinOff = booking(spinOffBooking);
