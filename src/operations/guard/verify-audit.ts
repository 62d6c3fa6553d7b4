import type { Knex } from 'knex';
import { auditBreaks, auditHead, factBreaks, provedFacts, type FactBreak } from '../../db/audit.js';
import { inView } from '../../db/transaction.js';
import type { Sha256 } from '../../domain/types.js';

/** What came of checking the audit log and every fact against it. */
export interface AuditVerified {
  records: number;
  /** Hash of the newest record; null for an empty log. */
  head: Sha256 | null;
  /** Records that break the chain. */
  breaks: { seq: number; problem: string }[];
  /** Rows that were compared with their digests, and how many of them are older than digests are. */
  facts: { rows: number; tables: number; before: number };
  /** Facts that are not as they were recorded. */
  factBreaks: FactBreak[];
}

/** Recomputes the chain and the digest of every fact, in one view of the database. Reads only. */
export async function verifyAuditLog(db: Knex): Promise<AuditVerified> {
  return inView(db, async (trx) => {
    const head = await auditHead(trx);
    return {
      records: head?.seq ?? 0,
      head: head?.hash ?? null,
      breaks: await auditBreaks(trx),
      facts: await provedFacts(trx),
      factBreaks: await factBreaks(trx),
    };
  });
}
