import { execa } from 'execa';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { migrateToLatest } from '../../src/db/migrate.js';
import { resolveAddresses } from '../../src/runtime/addresses.js';
import { installationPaths, repositoryRoot } from '../../src/runtime/paths.js';
import { withLock } from '../../src/runtime/processes/lock.js';
import { readRecord, type RuntimeRecord } from '../../src/runtime/record.js';
import { down } from '../../src/runtime/stack.js';
import { startServers } from './servers.js';

/**
 * Gives a data directory a Postgres cluster that is migrated: a copy of one that is made by the first test that asks, and
 * stopped before anybody copies it. Making and migrating one takes a second of work, and waits for the disk.
 * @returns its database and passwords, for the directory's record
 */
export async function copyMigratedCluster(dataDir: string): Promise<RuntimeRecord['postgres']> {
  const home = join(inject('servers').root, 'migrated-cluster');
  const whole = join(home, 'whole');
  await withLock(
    `${home}.lock`,
    () => undefined,
    async () => {
      if (existsSync(whole)) return;
      await makeCluster(home);
      writeFileSync(whole, '');
    },
  );
  // With the owner that Postgres insists on.
  await execa('cp', ['-a', installationPaths(home).postgresData, installationPaths(dataDir).postgresData]);
  const record = readRecord(home);
  if (!record) throw new Error(`${home} has no record of its cluster`);
  return record.postgres;
}

async function makeCluster(home: string): Promise<void> {
  mkdirSync(home, { recursive: true });
  const settings = await startServers(home, join(repositoryRoot, 'config'), { parts: ['postgres'] });
  await migrateToLatest(resolveAddresses(settings).ownerDatabaseUrl);
  await down(settings, () => undefined);
}
