import type { Asker } from '../../contract/asker.js';
import { bookStockMergerSchema, type BookStockMerger } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planStockMerger } from '../../domain/ledger/bookings/stock-merger.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { firstValues, rateFor, scopeOf } from './event-market.js';

/** Books that a holding was exchanged for shares of another company, with cash or without. */
export function bookStockMerger(
  installation: Installation,
  asker: Asker,
  input: BookStockMerger,
): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, ...event } = parseInput(bookStockMergerSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-stock-merger', ...event },
    });
    const rate = await rateFor(installation.db, by, event);
    const values = await firstValues(installation.db, by, { to: event.to, date: event.date });
    return bookPlanned(installation.db, by, { action: 'stock_merger.booked', detail: event }, (entries) =>
      planStockMerger(entries, { ...scopeOf(by), ...event }, { rate, values }),
    );
  });
}
