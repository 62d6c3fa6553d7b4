import { keepHead } from '../../backup/heads.js';
import type { ConfirmReply } from '../../contract/day-messages.js';
import { recordOfConfirmation } from '../../db/audit.js';
import { ofConfirmation } from '../../db/heads-expected.js';
import type { Installation } from '../installation.js';

/**
 * The reply to a confirmation that counts, with its record in the audit log: whoever has the reply can show that the
 * log was cut or written anew since. The installation keeps it too (`audit-heads.jsonl`). What is booked is booked:
 * where the record cannot be had or kept, the reply goes out without.
 */
export async function withAuditRecord(
  { db, dataDir, now }: Pick<Installation, 'db' | 'dataDir' | 'now'>,
  reply: ConfirmReply,
): Promise<ConfirmReply> {
  if (reply.confirmationId === null) return reply;
  try {
    const auditRecord = await recordOfConfirmation(db, reply.confirmationId);
    if (auditRecord === null) return reply;
    await keepHead(dataDir, { ...auditRecord, at: now(), of: ofConfirmation(reply.confirmationId) });
    return { ...reply, auditRecord };
  } catch {
    return reply;
  }
}
