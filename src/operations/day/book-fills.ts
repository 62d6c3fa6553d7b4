import type { Knex } from 'knex';
import { insertFills, type StoredConfirmation } from '../../db/confirmations.js';
import { bookEntry, entriesOfConfirmation, type Booking } from '../../db/journal.js';
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
  const booked: (Fill & { entryId: number | null })[] = [];
  for (const fill of fills)
    booked.push({ ...fill, entryId: await bookFill(trx, fill, booking, ticket.material.baseCurrency) });
  await insertFills(trx, confirmation.confirmationId, booked);
}

async function reverse(
  trx: Knex.Transaction,
  confirmationId: string,
  booking: Omit<Booking, 'idempotencyKey'>,
  reason: string,
): Promise<void> {
  const entries = (await entriesOfConfirmation(trx, confirmationId)).filter(({ kind }) => kind === 'FILL');
  for (const entry of entries) {
    await bookEntry(trx, reversalEntry(entry, reason), {
      ...booking,
      idempotencyKey: `reversal:${entry.entryId}`,
      reversesEntryId: entry.entryId,
    });
  }
}

async function bookFill(
  trx: Knex.Transaction,
  fill: Fill,
  booking: Omit<Booking, 'idempotencyKey'>,
  baseCurrency: string,
): Promise<number | null> {
  const draft = bookingOfFill(fill, baseCurrency);
  if (!draft) return null;
  const { entryId } = await bookEntry(trx, draft, {
    ...booking,
    idempotencyKey: `fill:${booking.confirmationId}:${fill.sequence}`,
  });
  return entryId;
}
