import { lackOfSpace } from '../domain/backup/space.js';
import { freeBytes } from '../runtime/directories.js';
import { withClient } from '../runtime/postgres/database.js';

/** Refuses a second copy of a database where there is no room for it beside the live one. @throws OpsError DISK_FULL */
export async function assertSpace(databaseUrl: string, dataDir: string): Promise<void> {
  const { rows } = await withClient(databaseUrl, (client) =>
    client.query<{ bytes: number }>('select pg_database_size(current_database())::float8 as bytes'),
  );
  const lack = lackOfSpace(rows[0]?.bytes ?? 0, freeBytes(dataDir), dataDir);
  if (lack) throw lack;
}
