import { join } from 'node:path';
import type { Client } from 'pg';
import type { TestProject } from 'vitest/node';
import { migrateToLatest } from '../../src/db/migrate.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { databaseUrl, readRecord } from '../../src/runtime/record.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { buildOnce } from './build.js';
import type { SharedServers } from './provided.js';
import { settleSequences } from './sequences.js';
import { makeRoot, removeRoot, startServers, sweepOldRoots } from './servers.js';

const TEMPLATE = 'trading_ops_template';

/** Starts the servers that all test files share, migrates the template database, and stops everything at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepOldRoots();
  const root = makeRoot();
  try {
    const [servers] = await Promise.all([prepare(root), buildOnce()]);
    project.provide('servers', servers);
  } catch (error) {
    await removeRoot(root);
    throw error;
  }
  return () => removeRoot(root);
}

/**
 * The shared cluster is killed by no test and thrown away at the end, so that nothing of it need reach the disk. Clusters that
 * are killed are tests' own, with every setting as an operator has it.
 */
async function spareTheDisk(client: Client): Promise<void> {
  for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
    await client.query(`alter system set ${setting} = off`);
  await client.query('select pg_reload_conf()');
}

async function prepare(root: string): Promise<SharedServers> {
  const settings = await startServers(join(root, 'shared'), join(repositoryRoot, 'config'));
  const record = readRecord(settings.dataDir);
  if (!record) throw new Error('The shared servers have no record');
  await withClient(databaseUrl(record, 'superuser', 'postgres'), spareTheDisk);
  const withoutName = (who: 'owner' | 'app') => databaseUrl(record, who, '').replace(/\/$/, '');
  await withClient(databaseUrl(record, 'owner', 'postgres'), (client) => client.query(`create database ${TEMPLATE}`));
  await migrateToLatest(databaseUrl(record, 'owner', TEMPLATE));
  await withClient(databaseUrl(record, 'owner', TEMPLATE), settleSequences);
  return {
    root,
    ownerUrl: withoutName('owner'),
    appUrl: withoutName('app'),
    template: TEMPLATE,
    temporalAddress: `127.0.0.1:${record.temporal.port}`,
  };
}
