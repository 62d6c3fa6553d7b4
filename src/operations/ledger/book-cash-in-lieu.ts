import { bookCashInLieuSchema } from '../../contract/bookings.js';
import { planCashInLieu } from '../../domain/ledger/bookings/cash-in-lieu.js';
import { booking, type Booking } from './booking.js';
import { scopeOf } from './event-market.js';

/** A fraction of a share that was paid out in cash. */
export const cashInLieuBooking: Booking<typeof bookCashInLieuSchema> = {
  operation: 'book-cash-in-lieu',
  schema: bookCashInLieuSchema,
  prepare: (_, by, event) => ({
    action: 'cash_in_lieu.booked',
    detail: event,
    plan: (entries) => planCashInLieu(entries, { ...scopeOf(by), ...event }),
  }),
};

/** Books that a fraction of a share was paid out in cash. */
export const bookCashInLieu = booking(cashInLieuBooking);
