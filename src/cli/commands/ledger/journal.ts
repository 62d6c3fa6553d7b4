import type { Command } from 'commander';
import type { ReadJournal } from '../../../contract/ledger-looks.js';
import { resultOrThrow } from '../../../domain/errors.js';
import { readJournal } from '../../../operations/ledger/read-journal.js';
import { withContext } from '../../kit/context.js';

/** Prints the newest entries that are asked for, oldest first. */
export async function showJournal(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const { book: asked, limit, symbol, kind, ticket, from, to } = command.opts<ReadJournal>();
    const input = { book: asked, limit, symbol, kind, ticket, from, to };
    const { book, entries } = resultOrThrow(await readJournal(db, account.account, input));
    const lines = entries.flatMap((entry) => [
      `${String(entry.entryId).padStart(6)}  ${entry.effectiveDate}  ${entry.kind.padEnd(10)} ${entry.description}  (${entry.operator})`,
      ...entry.postings.map(
        (posting) => `        ${posting.account.padEnd(24)} ${posting.amount.padStart(16)} ${posting.commodity}`,
      ),
    ]);
    return {
      data: { account: account.account, book, entries },
      next: 'make ledger-report',
      lines: entries.length > 0 ? lines : [`The ${book} of ${account.account} has no such entry.`],
    };
  });
}
