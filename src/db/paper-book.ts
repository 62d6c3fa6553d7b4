import { planPaperAlignment } from '../domain/ledger/bookings/paper.js';
import { paperKey } from '../domain/ledger/keys.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { bookEntry, ledgerState, type Booking } from './journal.js';

/** Sets the paper book to the ledger, as `planPaperAlignment` says. Call it in a transaction. */
export async function alignPaperBook(
  db: Db,
  booking: Omit<Booking, 'idempotencyKey'>,
  baseCurrency: string,
  date: IsoDate,
): Promise<void> {
  const [ledger, paper] = [await ledgerState(db, booking.account), await ledgerState(db, booking.account, 'paper')];
  for (const { draft, what } of planPaperAlignment(ledger, paper, { baseCurrency, date })) {
    await bookEntry(db, draft, {
      ...booking,
      book: 'paper',
      idempotencyKey: paperKey(booking.confirmationId ?? null, what),
    });
  }
}
