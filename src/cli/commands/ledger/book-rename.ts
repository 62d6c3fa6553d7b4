import type { Command } from 'commander';
import type { BookRename } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookRename } from '../../../operations/ledger/book-rename.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books a rename. */
export async function rename(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, to, date } = command.opts<Omit<BookRename, 'account'>>();
    const input = { account: context.account.account, symbol, to, date };
    return bookedAnswer(context, resultOrThrow(await bookRename(installationOf(context), askerOf(context), input)));
  });
}
