import knex, { type Knex } from 'knex';
import { fileURLToPath } from 'node:url';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Opens a knex for the owner role, to migrate with. */
function ownerConnection(ownerDatabaseUrl: string): Knex {
  return knex({
    client: 'pg',
    connection: ownerDatabaseUrl,
    pool: { min: 0, max: 1 },
    migrations: { directory: MIGRATIONS, loadExtensions: ['.js'] },
    // What fails is thrown and told once; knex would print it with its stack as well.
    log: { error: () => undefined, warn: () => undefined },
  });
}

/**
 * Applies every missing migration, each in its own transaction. Safe to call twice, by two at once, and after one that
 * was killed halfway.
 * @returns the file names applied, empty when the schema was current.
 */
export async function migrateToLatest(ownerDatabaseUrl: string): Promise<string[]> {
  const db = ownerConnection(ownerDatabaseUrl);
  try {
    // The one connection of the pool holds this lock until it closes. Whoever has it may free knex's own lock row, which
    // a migrator that was killed leaves behind for ever.
    await db.raw(`select pg_advisory_lock(hashtextextended('migrate', 0))`);
    await db.migrate.forceFreeMigrationsLock();
    const [, applied] = (await db.migrate.latest()) as [number, string[]];
    return applied;
  } finally {
    await db.destroy();
  }
}

/** Migrations applied and still missing, by file name. */
export async function migrationState(ownerDatabaseUrl: string): Promise<{ applied: string[]; missing: string[] }> {
  const db = ownerConnection(ownerDatabaseUrl);
  try {
    const [applied, missing] = (await db.migrate.list()) as [{ name: string }[], { file: string }[]];
    return { applied: applied.map(({ name }) => name), missing: missing.map(({ file }) => file) };
  } finally {
    await db.destroy();
  }
}
