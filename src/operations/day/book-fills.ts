import type { Knex } from 'knex';
import { insertFills, type StoredConfirmation } from '../../db/confirmations.js';
import { bookEntries, entriesOfConfirmation, type Booking } from '../../db/journal.js';
import { alignPaperBook } from '../../db/paper-book.js';
import type { StoredTicket } from '../../db/tickets.js';
import { bookingOfFill } from '../../domain/confirmation/bookings.js';
import type { Fill } from '../../domain/confirmation/shape.js';
import { reversalEntry } from '../../domain/ledger/entries.js';

/** Books the fills of a confirmation; what the one that it amends had booked is reversed first. */
export async function bookFills(
  trx: Knex.Transaction,
  ticket: StoredTicket,
  confirmation: StoredConfirmation,
  fills: Fill[],
): Promise<void> {
  const booking: Omit<Booking, 'idempotencyKey'> = {
    account: ticket.account,
    book: ticket.dryRun ? 'paper' : 'ledger',
    bookedAt: confirmation.confirmedAt,
    operator: confirmation.operator,
    ticketId: ticket.ticketId,
    confirmationId: confirmation.confirmationId,
  };
  if (confirmation.amends !== null)
    await reverse(trx, confirmation.amends, booking, `amended by ${confirmation.operator}`);
  if (ticket.dryRun) await alignPaperBook(trx, booking, ticket.material.baseCurrency, ticket.tradingDay);
  const toBook = fills.flatMap((fill) => {
    const draft = bookingOfFill(fill, ticket.material.baseCurrency);
    const { sequence } = fill;
    return draft ? [{ draft, sequence, idempotencyKey: `fill:${booking.confirmationId}:${sequence}` }] : [];
  });
  const entries = await bookEntries(trx, toBook, booking);
  const entryOf = new Map(toBook.map(({ sequence }, index) => [sequence, entries[index]?.entryId]));
  const booked = fills.map((fill) => ({ ...fill, entryId: entryOf.get(fill.sequence) ?? null }));
  await insertFills(trx, confirmation.confirmationId, booked);
}

async function reverse(
  trx: Knex.Transaction,
  confirmationId: string,
  booking: Omit<Booking, 'idempotencyKey'>,
  reason: string,
): Promise<void> {
  const entries = (await entriesOfConfirmation(trx, confirmationId)).filter(({ kind }) => kind === 'FILL');
  const reversals = entries.map((entry) => ({
    draft: reversalEntry(entry, reason),
    idempotencyKey: `reversal:${entry.entryId}`,
    reversesEntryId: entry.entryId,
  }));
  await bookEntries(trx, reversals, booking);
}
