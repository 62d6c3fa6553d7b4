import type { Command } from 'commander';
import type { BookCashMerger } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookCashMerger } from '../../../operations/ledger/book-cash-merger.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books a merger for cash. */
export async function cashMerger(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, date, net, amount, fx } = command.opts<Omit<BookCashMerger, 'account'>>();
    const input = { account: context.account.account, symbol, date, net, amount, fx };
    return bookedAnswer(context, resultOrThrow(await bookCashMerger(installationOf(context), askerOf(context), input)));
  });
}
