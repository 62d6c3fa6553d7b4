import type { Asker } from '../../contract/asker.js';
import { bookCashSchema, type BookCash } from '../../contract/bookings.js';
import { parseInput } from '../../contract/reading.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';
import { planCash } from '../../domain/ledger/bookings/cash.js';
import { admitToBooks } from '../accounts/admit.js';
import type { Installation } from '../installation.js';
import { bookPlanned, type Booked } from './book-planned.js';
import { scopeOf } from './event-market.js';

/** Books a deposit, a withdrawal, a fee or interest; a repeat is refused unless it is said to be another one. */
export function bookCash(installation: Installation, asker: Asker, input: BookCash): Promise<Outcome<Booked>> {
  return outcomeOf(async () => {
    const { account, ...movement } = parseInput(bookCashSchema, input);
    const by = await admitToBooks(installation, asker, {
      purpose: 'booking',
      account,
      content: { operation: 'book-cash', ...movement },
    });
    const { account: owner, today, isKnown } = scopeOf(by);
    const command = { ...movement, account: owner, today, isKnown };
    return bookPlanned(
      installation.db,
      by,
      { action: `${movement.kind.toLowerCase()}.booked`, detail: {} },
      (entries) => planCash(entries, command),
    );
  });
}
