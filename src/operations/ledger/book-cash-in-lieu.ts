import type { Asker } from '../../contract/asker.js';
import { bookCashInLieuSchema, type BookCashInLieu } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planCashInLieu } from '../../domain/ledger/bookings/cash-in-lieu.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { scopeOf } from './event-market.js';

/** Books that a fraction of a share was paid out in cash. */
export function bookCashInLieu(
  installation: Installation,
  asker: Asker,
  input: BookCashInLieu,
): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, ...event } = parseInput(bookCashInLieuSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-cash-in-lieu', ...event },
    });
    return bookPlanned(installation.db, by, { action: 'cash_in_lieu.booked', detail: event }, (entries) =>
      planCashInLieu(entries, { ...scopeOf(by), ...event }),
    );
  });
}
