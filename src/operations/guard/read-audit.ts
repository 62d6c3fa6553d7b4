import { readAuditSchema, type ReadAudit } from '../../contract/audit-looks.js';
import { parseInput } from '../../contract/reading.js';
import { auditRecord, follows, type StoredAuditRecord } from '../../db/audit.js';
import type { Db } from '../../db/connect.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';

/** One record, and whether it has the hash of its content and names the one before it. */
export interface AuditRecordRead {
  record: StoredAuditRecord;
  sound: boolean;
}

/** A record of the audit log by its number. Refuses with UNKNOWN_ID one that the log does not have. */
export function readAudit(db: Db, input: ReadAudit): Promise<Outcome<AuditRecordRead>> {
  return outcomeOf(async () => {
    const { seq } = parseInput(readAuditSchema, input);
    const record = await auditRecord(db, seq);
    if (record === null)
      throw usageError('UNKNOWN_ID', `record: ${seq}: the audit log has no such record`, {
        remedy: 'trading-ops audit verify',
      });
    return { record, sound: await follows(db, seq) };
  });
}
