import { pageAuditSchema, type PageAudit } from '../../contract/audit-looks.js';
import { parseInput } from '../../contract/reading.js';
import { auditHead, auditRecords, type StoredAuditRecord } from '../../db/audit.js';
import type { Db } from '../../db/connect.js';
import { outcomeOf, type Outcome } from '../../domain/errors.js';

/** A page of the audit log, newest first. */
export interface AuditPage {
  records: StoredAuditRecord[];
  /** Before which record the next page begins; null on the last one. */
  older: number | null;
  /** The newest record of the log; null while it is empty. */
  head: { seq: number; hash: string } | null;
}

/**
 * The newest records that are asked for, or those before one, a page at a time. They are told as they stand: whether
 * the chain is whole is for `verifyAuditLog` to say.
 */
export function pageAudit(db: Db, input: PageAudit): Promise<Outcome<AuditPage>> {
  return outcomeOf(async () => {
    const { limit, ...wanted } = parseInput(pageAuditSchema, input);
    const found = await auditRecords(db, { ...wanted, limit: limit + 1 });
    const records = found.slice(0, limit);
    return {
      records,
      older: found.length > limit ? (records.at(-1)?.seq ?? null) : null,
      head: await auditHead(db),
    };
  });
}
