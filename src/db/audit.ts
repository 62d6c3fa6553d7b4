import type { Instant, Sha256 } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

export interface AuditRecord {
  at: Instant;
  account: string | null;
  /** Operator, or `system`. */
  actor: string;
  /** What was done, `noun.verb`. */
  action: string;
  /** To what: an id or a name. */
  subject: string;
  detail: object;
}

/**
 * Appends to the hash chain. Last in its transaction, please: the chain's lock is held to the end of it, and everybody
 * else's record waits.
 */
export async function appendAudit(db: Db, record: AuditRecord): Promise<void> {
  await db('audit_log').insert({ ...record, detail: JSON.stringify(record.detail) });
}

/** Records that break the chain: missing, out of order or altered. Empty for an intact log. */
export async function auditBreaks(db: Db): Promise<{ seq: number; problem: string }[]> {
  return await db
    .select<{ seq: number; problem: string }[]>('seq', 'problem')
    .from(db.raw('audit_chain_breaks()'))
    .orderBy('seq');
}

/** The newest record; null for an empty log. Kept elsewhere (a backup's sidecar), its hash shows a log cut short. */
export async function auditHead(db: Db): Promise<{ seq: number; hash: string } | null> {
  return (await db('audit_log').orderBy('seq', 'desc').first('seq', 'hash')) ?? null;
}

/** Whether a record has the hash of its content, and the one before it is the one it names. */
export async function follows(db: Db, seq: number): Promise<boolean> {
  const [record] = await rows<{ sound: boolean }>(
    db,
    `
      select a.hash = audit_hash(a.seq, a.at, a.account, a.actor, a.action, a.subject, a.detail, a.prev_hash)
             and a.prev_hash = coalesce(
               (select b.hash from audit_log b where b.seq = a.seq - 1), repeat('0', 64)) as sound
        from audit_log a where a.seq = ?`,
    [seq],
  );
  return record?.sound ?? false;
}

/** The hash of a record; null where there is none of that number. */
export async function auditHashOf(db: Db, seq: number): Promise<Sha256 | null> {
  const record = await db('audit_log').where({ seq }).first('hash');
  return record?.hash ?? null;
}
