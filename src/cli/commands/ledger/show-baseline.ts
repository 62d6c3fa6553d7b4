import type { Command } from 'commander';
import { readBaseline } from '../../../operations/ledger/read-baseline.js';
import type { EntryDraft } from '../../../domain/ledger/entries.js';
import { withContext } from '../../kit/context.js';

/** Shows the opening and every correction of it. */
export async function showBaseline(command: Command): Promise<void> {
  await withContext(command, async ({ db, account }) => {
    const entries = await readBaseline(db, account.account);
    if (entries.length === 0) {
      return {
        data: { entries },
        lines: [`The ledger of ${account.account} is not open yet.`],
        next: 'make reconcile-daily: the first snapshot opens it',
      };
    }
    const lines = entries.flatMap((entry) => [
      `Entry ${entry.entryId}, ${entry.kind} of ${entry.effectiveDate} by ${entry.operator}: ${entry.description}`,
      ...figureLines(entry),
    ]);
    return { data: { entries }, lines, next: 'make ledger-report' };
  });
}

const figureLines = ({ postings }: EntryDraft): string[] =>
  postings
    .filter((posting) => posting.account.startsWith('Assets:') || posting.account === 'Equity:Trading')
    .map(
      ({ account, commodity, amount }) =>
        `  ${(account === 'Equity:Trading' ? 'cost' : account).padEnd(24)} ${amount.padStart(16)} ${commodity}`,
    );
