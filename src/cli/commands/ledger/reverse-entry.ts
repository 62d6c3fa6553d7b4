import type { Command } from 'commander';
import { resultOrThrow } from '../../../domain/errors.js';
import { reverseEntry } from '../../../operations/ledger/reverse-entry.js';
import { askerOf, installationOf } from '../../kit/asker.js';
import { withContext } from '../../kit/context.js';
import { bookedAnswer } from './booked.js';

/** Takes an entry back. */
export async function reverse(command: Command): Promise<void> {
  await withContext(command, async (context) => {
    const { entry, reason } = command.opts<{ entry: string; reason: string }>();
    // What is no number stays as it was typed, for the refusal names it.
    const number = /^\d{1,15}$/.test(entry) ? Number(entry) : (entry as unknown as number);
    const input = { account: context.account.account, entry: number, reason };
    return bookedAnswer(context, resultOrThrow(await reverseEntry(installationOf(context), askerOf(context), input)));
  });
}
