import type { Asker } from '../../contract/asker.js';
import { reverseEntrySchema, type ReverseEntry } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planReversal } from '../../domain/ledger/bookings/reversal.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';

/** Takes an entry back that was booked by mistake. */
export function reverseEntry(installation: Installation, asker: Asker, input: ReverseEntry): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, entry: entryId, reason } = parseInput(reverseEntrySchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'reverse-entry', entry: entryId, reason },
    });
    return bookPlanned(installation.db, by, { action: 'entry.reversed', detail: { reason } }, (entries) =>
      planReversal(entries, { account: by.account, entryId, reason }),
    );
  });
}
