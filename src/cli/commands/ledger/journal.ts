import type { Command } from 'commander';
import { z } from 'zod';
import { parseInput } from '../../../contract/reading.js';
import { journal } from '../../../db/journal.js';
import { withContext } from '../../kit/context.js';
import { bookOf } from './book-flag.js';

const limitSchema = z.object({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'must be a whole number from 1 to 99999')
    .transform(Number),
});

/** Prints the newest entries, oldest first. */
export async function showJournal(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const [book, { limit }] = [bookOf(command), parseInput(limitSchema, command.opts())];
    const entries = (await journal(db, account.account, book)).slice(-limit);
    const lines = entries.flatMap((entry) => [
      `${String(entry.entryId).padStart(6)}  ${entry.effectiveDate}  ${entry.kind.padEnd(10)} ${entry.description}  (${entry.operator})`,
      ...entry.postings.map(
        (posting) => `        ${posting.account.padEnd(24)} ${posting.amount.padStart(16)} ${posting.commodity}`,
      ),
    ]);
    return {
      data: { account: account.account, book, entries },
      next: 'make ledger-report',
      lines: entries.length > 0 ? lines : [`The ${book} of ${account.account} is empty.`],
    };
  });
}
