import type { Command } from 'commander';
import type { BookStockMerger } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookStockMerger } from '../../../operations/ledger/book-stock-merger.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books a merger for shares. */
export async function stockMerger(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, to, ratio, date, net, amount, fx, costShare } = command.opts<Omit<BookStockMerger, 'account'>>();
    const input = { account: context.account.account, symbol, to, ratio, date, net, amount, fx, costShare };
    return bookedAnswer(
      context,
      resultOrThrow(await bookStockMerger(installationOf(context), askerOf(context), input)),
    );
  });
}
