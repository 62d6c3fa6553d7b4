import type { Asker } from '../../contract/asker.js';
import { bookSpinOffSchema, type BookSpinOff } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planSpinOff } from '../../domain/ledger/bookings/stock-merger.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { firstValues, scopeOf } from './event-market.js';

/** Books that shares of a new company came beside those held. */
export function bookSpinOff(installation: Installation, asker: Asker, input: BookSpinOff): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, exDate: date, ...event } = parseInput(bookSpinOffSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-spin-off', exDate: date, ...event },
    });
    const values = await firstValues(installation.db, by, { from: event.symbol, to: event.to, date });
    return bookPlanned(
      installation.db,
      by,
      { action: 'spin_off.booked', detail: { ...event, exDate: date } },
      (entries) => planSpinOff(entries, { ...scopeOf(by), ...event, date }, values),
    );
  });
}
