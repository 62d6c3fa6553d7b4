import { lostFacts, type LostFacts } from '../domain/backup/proof.js';
import type { DatabaseFigures } from '../domain/backup/manifest.js';
import { withClient } from '../runtime/postgres/database.js';
import { databaseFigures } from './figures.js';
import type { VerifiedBackup } from './verify.js';

/** Facts that a database has beyond a backup; null for none. */
export async function factsBeyond(url: string, backup: VerifiedBackup): Promise<LostFacts | null> {
  return withClient(url, async (client) => {
    const live = await databaseFigures(client);
    return lostFacts(
      backup.manifest.figures,
      live,
      await actionsAfter(client, live, backup.manifest.figures.audit?.records ?? 0),
    );
  });
}

const ACTIONS_MAX = 1_000;

async function actionsAfter(
  client: Parameters<Parameters<typeof withClient>[1]>[0],
  live: DatabaseFigures,
  seq: number,
): Promise<LostFacts['actions']> {
  if (!live.audit) return [];
  const { rows } = await client.query<LostFacts['actions'][number]>(
    'select seq::float8 as seq, at, account, actor, action, subject from audit_log where seq > $1 order by seq limit $2',
    [seq, ACTIONS_MAX],
  );
  return rows.map((row) => ({ ...row, at: new Date(row.at).toISOString() }));
}
