import type { Knex } from 'knex';
import { appendAudit } from '../../db/audit.js';
import { bookEntry, journal, lockJournal } from '../../db/journal.js';
import { inTransaction } from '../../db/transaction.js';
import { resultOrThrow } from '../../domain/errors.js';
import type { EntryPlan } from '../../domain/ledger/bookings/plan.js';
import type { EntryDraft } from '../../domain/ledger/entries.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import { claimOf } from '../accounts/admit.js';
import type { Proven } from '../installation.js';
import { recordSignature } from '../signing/prove.js';

export interface Booked {
  entryId: number;
  /** False when the very same was booked before: then nothing changed. */
  bookedNow: boolean;
  draft: EntryDraft;
}

/**
 * Books one entry into the ledger: planned, checked and written under the account's lock, with its signature and its
 * audit record. The same again changes nothing, and the same statement again is the entry that it led to.
 * @param detail what the audit record carries beyond key and postings.
 * @throws OpsError the rule's refusal
 */
export function bookPlanned(
  db: Knex,
  by: Proven,
  { action, detail }: { action: string; detail: object },
  plan: (entries: BookedEntry[]) => EntryPlan,
): Promise<Booked> {
  const {
    account: { account },
    operator,
    at,
  } = by;
  return inTransaction(db, async (trx) => {
    await lockJournal(trx, account);
    const entries = await journal(trx, account);
    const told = entries.find(({ entryId }) => by.proof.earlier?.ids.includes(String(entryId)));
    if (told) return { entryId: told.entryId, bookedNow: false, draft: told };
    const { draft, key, reversesEntryId, standing } = resultOrThrow(plan(entries));
    if (standing) return { entryId: standing.entryId, bookedNow: false, draft };
    const { entryId } = await bookEntry(trx, draft, {
      account,
      bookedAt: at,
      operator,
      idempotencyKey: key,
      reversesEntryId,
    });
    const signature = await recordSignature(trx, by.proof, { fact: 'journal_entries', ids: [String(entryId)] });
    await appendAudit(trx, {
      at,
      account,
      actor: operator,
      action,
      subject: String(entryId),
      detail: {
        key,
        description: draft.description,
        postings: draft.postings,
        ...detail,
        // What came of it, where nobody said it.
        ...(draft.costShare === undefined ? {} : { costShare: draft.costShare }),
        ...claimOf(by),
        ...signature,
      },
    });
    return { entryId, bookedNow: true, draft };
  });
}
