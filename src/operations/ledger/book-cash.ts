import { bookCashSchema } from '../../contract/bookings.js';
import { planCash } from '../../domain/ledger/bookings/cash.js';
import { booking, type Booking } from './booking.js';
import { scopeOf } from './event-market.js';

/** A deposit, a withdrawal, a fee or interest. */
export const cashBooking: Booking<typeof bookCashSchema> = {
  operation: 'book-cash',
  schema: bookCashSchema,
  prepare(_, by, movement) {
    const { account, today, isKnown } = scopeOf(by);
    return {
      action: `${movement.kind.toLowerCase()}.booked`,
      detail: {},
      plan: (entries) => planCash(entries, { ...movement, account, today, isKnown }),
    };
  },
};

/** Books a deposit, a withdrawal, a fee or interest; a repeat is refused unless it is said to be another one. */
export const bookCash = booking(cashBooking);
