import type { Command } from 'commander';
import type { BookSpinOff } from '../../../contract/bookings.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { bookSpinOff } from '../../../operations/ledger/book-spin-off.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Books a spin-off. */
export async function spinOff(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { symbol, to, ratio, exDate, costShare } = command.opts<Omit<BookSpinOff, 'account'>>();
    const input = { account: context.account.account, symbol, to, ratio, exDate, costShare };
    return bookedAnswer(context, resultOrThrow(await bookSpinOff(installationOf(context), askerOf(context), input)));
  });
}
