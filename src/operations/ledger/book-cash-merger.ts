import type { Asker } from '../../contract/asker.js';
import { bookCashMergerSchema, type BookCashMerger } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planCashMerger } from '../../domain/ledger/bookings/cash-merger.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { rateFor, scopeOf } from './event-market.js';

/** Books that a holding was bought out for cash. */
export function bookCashMerger(
  installation: Installation,
  asker: Asker,
  input: BookCashMerger,
): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, ...event } = parseInput(bookCashMergerSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-cash-merger', ...event },
    });
    const rate = await rateFor(installation.db, by, event);
    return bookPlanned(installation.db, by, { action: 'cash_merger.booked', detail: event }, (entries) =>
      planCashMerger(entries, { ...scopeOf(by), ...event }, rate),
    );
  });
}
