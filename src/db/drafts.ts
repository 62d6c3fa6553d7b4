import type { DraftContent, DraftLine } from '../domain/confirmation/draft.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/** The lines of a ticket that were typed and not sent, in the order of the ticket. */
export const draftOf = (db: Db, ticketId: string): Promise<DraftLine[]> =>
  rows<DraftLine>(
    db,
    `select sequence, content, version, operator, saved_at as "savedAt" from desk.drafts
      where ticket_id = ? order by sequence`,
    [ticketId],
  );

/** Saves a line. @param line its version is the one it gets. Ask with the lock of the ticket's draft. */
export async function keepDraftLine(db: Db, ticketId: string, line: DraftLine): Promise<void> {
  await db.raw(
    `insert into desk.drafts (ticket_id, sequence, content, version, operator, saved_at) values (?, ?, ?, ?, ?, ?)
     on conflict (ticket_id, sequence) do update set content = excluded.content, version = excluded.version,
       operator = excluded.operator, saved_at = excluded.saved_at`,
    [
      ticketId,
      line.sequence,
      JSON.stringify(line.content satisfies DraftContent),
      line.version,
      line.operator,
      line.savedAt,
    ],
  );
}

/** Forgets what was typed of tickets that have their answer. */
export async function forgetAnsweredDrafts(db: Db): Promise<void> {
  await db.raw('delete from desk.drafts d where exists (select from confirmations c where c.ticket_id = d.ticket_id)');
}
