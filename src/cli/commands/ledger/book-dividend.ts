import type { Command } from 'commander';
import type { BookDividend } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookDividend } from '../../../operations/ledger/book-dividend.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books a dividend. */
export async function dividend(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, exDate, type, paidOn, net, amount, units, fx, withholding } =
      command.opts<Omit<BookDividend, 'account'>>();
    const input = {
      account: context.account.account,
      symbol,
      exDate,
      type,
      paidOn,
      net,
      amount,
      units,
      fx,
      withholding,
    };
    return bookedAnswer(context, resultOrThrow(await bookDividend(installationOf(context), askerOf(context), input)));
  });
}
