import type { ClaimEvent, ClaimKind } from '../domain/confirmation/claim.js';
import type { Instant } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/** That an event `c` is the newest of its ticket: none follows it. */
const NEWEST = `not exists (select from execution_claims n where n.follows_claim_id = c.claim_id)`;

/** What was said last of who executes a ticket; null where nobody ever claimed it. */
export async function newestClaim(db: Db, ticketId: string): Promise<ClaimEvent | null> {
  const [row] = await db('execution_claims as c').where('c.ticket_id', ticketId).whereRaw(NEWEST);
  return row
    ? { claimId: row.claim_id, ticketId: row.ticket_id, kind: row.kind, operator: row.operator, at: row.at }
    : null;
}

/** Records who claims, takes over or lets go. Two who follow the same event break execution_claims_follows_uniq. */
export async function insertClaim(
  db: Db,
  claim: ClaimEvent & { reason: string | null; follows: string | null },
): Promise<void> {
  await db('execution_claims').insert({
    claim_id: claim.claimId,
    ticket_id: claim.ticketId,
    kind: claim.kind,
    operator: claim.operator,
    reason: claim.reason,
    follows_claim_id: claim.follows,
    at: claim.at,
  });
}

/** Who executes which ticket that waits for its answer. */
export async function standingClaims(
  db: Db,
): Promise<{ account: string; ticketId: string; operator: string; at: Instant }[]> {
  const released: ClaimKind = 'RELEASE';
  return rows(
    db,
    `select t.account, c.ticket_id as "ticketId", c.operator, c.at
       from execution_claims c join live_tickets t using (ticket_id)
      where ${NEWEST} and c.kind <> ? and not exists (select from confirmations a where a.ticket_id = t.ticket_id)
      order by t.account, c.seq`,
    [released],
  );
}
