import { join } from 'node:path';
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

async function prepare(root: string): Promise<SharedServers> {
  const settings = await startServers(join(root, 'shared'), join(repositoryRoot, 'config'));
  const record = readRecord(settings.dataDir);
  if (!record) throw new Error('The shared servers have no record');
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
