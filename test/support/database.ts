import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { withClient } from '../../src/runtime/postgres/database.js';

export interface TestDatabase {
  name: string;
  ownerUrl: string;
  appUrl: string;
  /** Drops the database, ending whatever is still connected. */
  drop(): Promise<void>;
}

/** A migrated database of its own, copied from the template (about 50 ms). */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { ownerUrl, appUrl, template } = inject('servers');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await maintain(`create database ${name} template ${template}`);
  return { name, ownerUrl: `${ownerUrl}/${name}`, appUrl: `${appUrl}/${name}`, drop: () => dropDatabase(name) };
}

/** An empty database without a single table: for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const { ownerUrl, appUrl } = inject('servers');
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await maintain(`create database ${name}`);
  return { name, ownerUrl: `${ownerUrl}/${name}`, appUrl: `${appUrl}/${name}`, drop: () => dropDatabase(name) };
}

const DROP_TRIES = 20;

/** Autovacuum may be at work in the database: a plain drop ends it and waits, a forced one is refused while it is there. */
async function dropDatabase(name: string): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await maintain(`drop database if exists ${name}${tried % 2 === 1 ? ' with (force)' : ''}`);
    } catch (error) {
      if (tried === DROP_TRIES) throw error;
    }
  }
}

async function maintain(statement: string): Promise<void> {
  await withClient(`${inject('servers').ownerUrl}/postgres`, (client) => client.query(statement));
}
