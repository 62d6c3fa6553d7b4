import type { Command } from 'commander';
import type { BookDelisting } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookDelisting } from '../../../operations/ledger/book-delisting.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books a delisting. */
export async function delisting(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, date, net, amount, fx } = command.opts<Omit<BookDelisting, 'account'>>();
    const input = { account: context.account.account, symbol, date, net, amount, fx };
    return bookedAnswer(context, resultOrThrow(await bookDelisting(installationOf(context), askerOf(context), input)));
  });
}
