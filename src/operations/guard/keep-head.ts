import type { Knex } from 'knex';
import { keepHead } from '../../backup/heads.js';
import { auditHead } from '../../db/audit.js';
import { ofWorker } from '../../db/heads-expected.js';
import type { Instant } from '../../domain/types.js';

/** Where heads are kept, and by which clock. */
export interface HeadKeeper {
  db: Knex;
  dataDir: string;
  now(): Instant;
}

/**
 * Keeps the newest record of the audit log outside of the database, where it is another than the one kept last: what
 * whoever owns the database cuts off or writes anew from then on is noticed, down to the records of the last look.
 * @param last the hash that was kept last; null for none. @returns the hash that is kept now.
 */
export async function keepNewestHead({ db, dataDir, now }: HeadKeeper, last: string | null): Promise<string | null> {
  const head = await auditHead(db);
  if (!head || head.hash === last) return last;
  // Stamped after it was read: a backup of this instant has it.
  await keepHead(dataDir, { ...head, at: now(), of: ofWorker(head.seq) });
  return head.hash;
}
