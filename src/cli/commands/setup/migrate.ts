import type { Command } from 'commander';
import path from 'node:path';
import { migrateToLatest } from '../../../db/migrate.js';
import { externalParts, resolveAddresses } from '../../../runtime/addresses.js';
import { installationPaths } from '../../../runtime/paths.js';
import { forgetRoleSettings, withClient } from '../../../runtime/postgres/database.js';
import { refuseForeignPostgres } from '../../../runtime/postgres/server.js';
import { databaseUrl, readRecord } from '../../../runtime/record.js';
import { loadSettings, type Settings } from '../../../runtime/settings.js';
import { ensureInstallationKey } from '../../../runtime/signing/installation-key.js';
import { explainDatabaseError } from '../../../db/explained.js';
import { answer } from '../../kit/context.js';

/** Applies missing migrations; an up-to-date schema is success. */
export async function migrate(command: Command): Promise<void> {
  await answer(command.optsWithGlobals<{ json?: boolean }>().json ?? false, async () => {
    const applied = await makeSchema(loadSettings());
    const lines =
      applied.length === 0 ? ['The schema is up to date.'] : applied.map((name) => `Applied ${path.basename(name)}`);
    return { data: { applied }, lines, next: 'make run-0800' };
  });
}

/**
 * Brings the schema of an installation up to date, and makes its key where it has none.
 * @returns the migrations that were applied
 * @throws OpsError DATABASE_FOREIGN, POSTGRES_DOWN
 */
export async function makeSchema(settings: Settings): Promise<string[]> {
  const { ownerDatabaseUrl } = resolveAddresses(settings);
  await ensureInstallationKey(settings.dataDir);
  try {
    if (settings.runtime === 'local' && !externalParts(settings).postgres) {
      await refuseForeignPostgres(installationPaths(settings.dataDir), ownerDatabaseUrl);
      const record = readRecord(settings.dataDir);
      if (record) await withClient(databaseUrl(record, 'superuser'), forgetRoleSettings);
    }
    return await migrateToLatest(ownerDatabaseUrl);
  } catch (error) {
    throw explainDatabaseError(error, ownerDatabaseUrl);
  }
}
