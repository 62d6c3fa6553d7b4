import { auditedAfter, databaseFigures } from '../db/figures.js';
import { lostFacts, type LostFacts } from '../domain/backup/proof.js';
import { withClient } from '../runtime/postgres/database.js';
import type { VerifiedBackup } from './verify.js';

const ACTIONS_MAX = 1_000;

/** Facts that a database has beyond a backup; null for none. */
export async function factsBeyond(url: string, backup: VerifiedBackup): Promise<LostFacts | null> {
  return withClient(url, async (client) => {
    const live = await databaseFigures(client);
    const { figures } = backup.manifest;
    const since = live.audit ? await auditedAfter(client, figures.audit?.records ?? 0, ACTIONS_MAX) : [];
    return lostFacts(figures, live, since);
  });
}
