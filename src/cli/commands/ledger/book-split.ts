import type { Command } from 'commander';
import type { BookSplit } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookSplit } from '../../../operations/ledger/book-split.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books a split. */
export async function split(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, exDate, ratio } = command.opts<Omit<BookSplit, 'account'>>();
    const input = { account: context.account.account, symbol, exDate, ratio };
    return bookedAnswer(context, resultOrThrow(await bookSplit(installationOf(context), askerOf(context), input)));
  });
}
