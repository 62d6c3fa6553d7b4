import { reverseEntrySchema } from '../../contract/bookings.js';
import { planReversal } from '../../domain/ledger/bookings/reversal.js';
import { booking, type Booking } from './booking.js';

/** An entry that was booked by mistake. */
export const reversal: Booking<typeof reverseEntrySchema> = {
  operation: 'reverse-entry',
  schema: reverseEntrySchema,
  prepare: (_, { account }, { entry: entryId, reason }) => ({
    action: 'entry.reversed',
    detail: { reason },
    plan: (entries) => planReversal(entries, { account, entryId, reason }),
  }),
};

/** Takes an entry back that was booked by mistake. */
export const reverseEntry = booking(reversal);
