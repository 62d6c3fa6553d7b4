import type { Booked } from '../../../operations/ledger/book-planned.js';
import { nextReconcile, ofAccount } from '../../../reports/commands.js';
import type { EntryDraft } from '../../../domain/ledger/entries.js';
import type { Context } from '../../kit/context.js';
import type { Answer } from '../../kit/output.js';

/** What is said of a booking: the entry with its postings, and that the newest snapshot no longer counts. */
export function bookedAnswer(context: Context, { entryId, bookedNow, draft }: Booked): Answer {
  const first = bookedNow
    ? `Booked as entry ${entryId}: ${draft.description}`
    : `Entry ${entryId} already books this; nothing changed: ${draft.description}`;
  return {
    data: { entryId, bookedNow, ...draft },
    lines: [first, ...postingLines(draft)],
    next: bookedNow ? reconcileAgain(context) : ofAccount('trading-ops ledger journal', context.account.account),
  };
}

/** One line a posting. */
export const postingLines = ({ postings }: Pick<EntryDraft, 'postings'>): string[] =>
  postings.map(({ account, commodity, amount }) => `  ${account.padEnd(24)} ${amount.padStart(16)} ${commodity}`);

/** The next thing to type after a booking: the newest snapshot no longer counts. */
export const reconcileAgain = ({ account }: Context): string => nextReconcile(account);
