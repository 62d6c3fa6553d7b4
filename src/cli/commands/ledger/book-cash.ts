import type { Command } from 'commander';
import type { BookCash } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookCash } from '../../../operations/ledger/book-cash.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

type CashFlags = Pick<BookCash, 'amount' | 'date' | 'notes' | 'another' | 'symbol'>;

/** Books a deposit, a withdrawal, a fee or interest. */
export async function cashMovement(kind: BookCash['kind'], command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { amount, date, notes, another, symbol } = command.opts<CashFlags>();
    const input = { account: context.account.account, kind, amount, date, notes, another, symbol };
    return bookedAnswer(context, resultOrThrow(await bookCash(installationOf(context), askerOf(context), input)));
  });
}
