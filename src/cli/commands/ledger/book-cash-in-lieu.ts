import type { Command } from 'commander';
import type { BookCashInLieu } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookCashInLieu } from '../../../operations/ledger/book-cash-in-lieu.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books cash in lieu of a fraction. */
export async function cashInLieu(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, date, net, units } = command.opts<Omit<BookCashInLieu, 'account'>>();
    const input = { account: context.account.account, symbol, date, net, units };
    return bookedAnswer(context, resultOrThrow(await bookCashInLieu(installationOf(context), askerOf(context), input)));
  });
}
