import knex, { type Knex } from 'knex';
import { fileURLToPath } from 'node:url';
import { refusal } from '../domain/errors.js';
import { statedUrl } from './session.js';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Opens a knex for the owner role, to migrate with. */
function ownerConnection(ownerDatabaseUrl: string): Knex {
  return knex({
    client: 'pg',
    connection: statedUrl(ownerDatabaseUrl),
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
    await refuseForeign(db);
    // Tables are taken from whoever works: better told than waited for, for everybody else waits behind us.
    await db.raw(`set lock_timeout = '20s'`);
    await db.migrate.forceFreeMigrationsLock();
    const [, applied] = (await db.migrate.latest()) as [number, string[]];
    return applied;
  } finally {
    await db.destroy();
  }
}

/**
 * Refuses a database that somebody else's program uses: it has tables, and none of them is ours.
 * @throws OpsError DATABASE_FOREIGN
 */
async function refuseForeign(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: { name: string; database: string }[] }>(
    `select tablename as name, current_database() as database from pg_tables
      where schemaname = 'public' and to_regclass('public.knex_migrations') is null order by tablename`,
  );
  const [first] = rows;
  if (first === undefined) return;
  const names = rows.slice(0, 5).map(({ name }) => name);
  throw refusal(
    'DATABASE_FOREIGN',
    `the database ${first.database} holds tables of another program (${names.join(', ')}): nothing was changed`,
    { remedy: 'name a database of its own in DATABASE_URL and DATABASE_OWNER_URL' },
  );
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
