import type { Db } from '../../db/connect.js';
import { journal, ledgerState } from '../../db/journal.js';
import { newestReconciliation, type Reconciliation } from '../../db/reconciliations.js';
import { refusal } from '../../domain/errors.js';
import type { LedgerState } from '../../domain/types.js';
import { counted, ukTime } from '../../reports/render/format.js';

/*
 * What a form of the broker's figures builds on: the ledger as it was summed, and the comparison before. Whoever fills
 * it in for a while must hear of what was booked or compared meanwhile, before their figures are held against
 * something that they never saw.
 */

/** The last entry of the ledger and the newest comparison, as a form carries them. */
export const basisOf = ({ lastEntryId }: Pick<LedgerState, 'lastEntryId'>, newest: Reconciliation | null): string =>
  `${lastEntryId ?? 0}/${newest?.reconciliationId ?? ''}`;

/** Entries that are named one by one. */
const NAMED_MAX = 5;

/** Refuses a form that was made before the account's newest entry or comparison. @throws OpsError FORM_STALE */
export async function refuseIfMoved(db: Db, account: string, basis: string): Promise<void> {
  const [ledger, newest] = [await ledgerState(db, account), await newestReconciliation(db, account)];
  if (basis === basisOf(ledger, newest)) return;
  const [entryId = '', reconciliationId = ''] = basis.split('/');
  // What the form says of an entry is text from outside.
  const since = /^\d{1,15}$/.test(entryId) ? Number(entryId) : 0;
  const booked = since === ledger.lastEntryId ? [] : await journal(db, account, 'ledger', since);
  const told = booked
    .slice(-NAMED_MAX)
    .map((entry) => `entry ${entry.entryId} was booked by ${entry.operator}, ${ukTime(entry.bookedAt)}: ${entry.kind}`);
  const compared =
    newest === null || newest.reconciliationId === reconciliationId
      ? []
      : [`RECONCILIATION_${newest.status} was recorded by ${newest.operator}, ${ukTime(newest.at)}`];
  const more = booked.length - told.length;
  throw refusal(
    'FORM_STALE',
    [
      'since this form was made:',
      ...(more > 0 ? [`${counted(more, 'entry was', 'entries were')} booked, and`] : []),
      ...told,
      ...compared,
    ].join('\n'),
    { remedy: 'everything that was typed stands below, beside the ledger as it is now: look at it again, and send it' },
  );
}
