import { baselineCashEntry, baselinePositionEntry, openingEntry } from '../domain/ledger/entries.js';
import { D, toText } from '../domain/money.js';
import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { bookEntry, ledgerState, type Booking } from './journal.js';

/**
 * Sets the paper book to the ledger, by an opening or by baselines: a dry-run ticket was decided on the ledger, so its
 * fills are tried out on what the ledger holds. Without this a paper sale repeated a week later would sell what the
 * paper book no longer has.
 */
export async function alignPaperBook(db: Db, booking: Omit<Booking, 'idempotencyKey'>, baseCurrency: string, date: IsoDate): Promise<void> {
  const [ledger, paper] = [await ledgerState(db, booking.account), await ledgerState(db, booking.account, 'paper')];
  const keyed = (what: string) => ({ ...booking, book: 'paper' as const, idempotencyKey: `paper:${booking.confirmationId}:${what}` });
  const description = 'Paper book set to the ledger before a dry run';
  if (paper.lastEntryId === null) {
    const opening = openingEntry({ date, baseCurrency, cash: ledger.cash, positions: ledger.units, description });
    if (opening) await bookEntry(db, opening, keyed('opening'));
    return;
  }
  const cash = D(ledger.cash).minus(D(paper.cash));
  if (!cash.isZero()) await bookEntry(db, baselineCashEntry({ date, baseCurrency, delta: toText(cash), description }), keyed('cash'));
  for (const symbol of [...new Set([...Object.keys(ledger.units), ...Object.keys(paper.units)])].toSorted()) {
    const units = D(ledger.units[symbol] ?? '0').minus(D(paper.units[symbol] ?? '0'));
    if (units.isZero()) continue;
    await bookEntry(db, baselinePositionEntry({ date, baseCurrency, symbol, units: toText(units), cost: null, description }), keyed(symbol));
  }
}
