import { bookRenameSchema } from '../../contract/bookings.js';
import { planRename } from '../../domain/ledger/bookings/rename.js';
import { booking, type Booking } from './booking.js';
import { hasClose, scopeOf } from './event-market.js';

/** A holding that is called otherwise from a date on. */
export const renameBooking: Booking<typeof bookRenameSchema> = {
  operation: 'book-rename',
  schema: bookRenameSchema,
  async prepare(db, by, event) {
    const scope = scopeOf(by);
    const isPriced = await hasClose(db, by, event.to, scope.asOfDate);
    return {
      action: 'rename.booked',
      detail: event,
      plan: (entries) => planRename(entries, { ...scope, ...event, isPriced }),
    };
  },
};

/** Books that a holding is called otherwise from a date on; units and basis as they were. */
export const bookRename = booking(renameBooking);
