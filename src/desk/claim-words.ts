import type { AuditHead } from '../db/audit.js';
import type { Db } from '../db/connect.js';
import type { Instant } from '../domain/types.js';
import { claimsAtHand } from '../operations/day/claims.js';
import { ukStamp } from '../reports/render/format.js';

/** Who executes a ticket and since when, with the day: a claim lasts until the answer. @param holder null for nobody */
export const holderText = (holder: { operator: string; at: Instant } | null): string =>
  holder === null ? 'Nobody executes it.' : `${holder.operator} executes it since ${ukStamp(holder.at)} UK.`;

/** The same of every ticket that waits, for pages that are open. */
export const claimsTold = async (db: Db, head: AuditHead | null): Promise<{ ticketId: string; text: string }[]> =>
  (await claimsAtHand(db, head)).map((claim) => ({ ticketId: claim.ticketId, text: holderText(claim) }));
