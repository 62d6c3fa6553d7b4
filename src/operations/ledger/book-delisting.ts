import type { Asker } from '../../contract/asker.js';
import { bookDelistingSchema, type BookDelisting } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planDelisting } from '../../domain/ledger/bookings/cash-merger.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { rateFor, scopeOf } from './event-market.js';

/** Books that a holding is gone, for what was paid out in the end or for nothing. */
export function bookDelisting(
  installation: Installation,
  asker: Asker,
  input: BookDelisting,
): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, ...event } = parseInput(bookDelistingSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-delisting', ...event },
    });
    const rate = await rateFor(installation.db, by, event);
    return bookPlanned(installation.db, by, { action: 'delisting.booked', detail: event }, (entries) =>
      planDelisting(entries, { ...scopeOf(by), ...event }, rate),
    );
  });
}
