import type { Asker } from '../../contract/asker.js';
import { bookRenameSchema, type BookRename } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planRename } from '../../domain/ledger/bookings/rename.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { hasClose, scopeOf } from './event-market.js';

/** Books that a holding is called otherwise from a date on; units and basis as they were. */
export function bookRename(installation: Installation, asker: Asker, input: BookRename): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, ...event } = parseInput(bookRenameSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-rename', ...event },
    });
    const scope = scopeOf(by);
    const isPriced = await hasClose(installation.db, by, event.to, scope.asOfDate);
    return bookPlanned(installation.db, by, { action: 'rename.booked', detail: event }, (entries) =>
      planRename(entries, { ...scope, ...event, isPriced }),
    );
  });
}
