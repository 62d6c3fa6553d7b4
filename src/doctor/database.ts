import { migrationState } from '../db/migrate.js';
import { auditHead } from '../db/audit.js';
import { fail, ok, type Check } from './finding.js';

const migrations: Check = {
  name: 'migrations',
  expected: 'all applied, none that this version does not know',
  async examine(patient) {
    await patient.db();
    try {
      const { applied, missing } = await migrationState(patient.addresses().ownerDatabaseUrl);
      return missing.length === 0
        ? ok(`${applied.length} applied`)
        : fail(`${missing.length} missing, first ${missing[0]}`, 'make migrate');
    } catch (error) {
      // knex refuses a database that has applied what this checkout does not hold.
      const unknown = /migration directory is corrupt.*?missing: (.*)/s.exec((error as Error).message)?.[1];
      if (unknown === undefined) throw error;
      return fail(
        `the database is newer than this program: ${unknown}`,
        'update the checkout to the version that made the database',
      );
    }
  },
};

/** Tables whose rows the application may change: bars, whose every change a trigger keeps. */
const MAY_CHANGE: Record<string, string[]> = { bars: ['UPDATE'] };

interface Right {
  table: string;
  verb: string;
}

const facts: Check = {
  name: 'database role',
  expected: 'may add facts, and neither change nor delete them',
  async examine(patient) {
    const db = await patient.db();
    const { rows: rights } = await db.raw<{ rows: Right[] }>(`
      select c.relname as table, r.verb from pg_class c
       cross join (values ('UPDATE'), ('DELETE'), ('TRUNCATE')) as r(verb)
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'knex%' and has_table_privilege(c.oid, r.verb)`);
    const {
      rows: [who],
    } = await db.raw<{ rows: { user: string; super: boolean }[] }>(
      `select current_user as user, rolsuper as super from pg_roles where rolname = current_user`,
    );
    const wrong = rights.filter(({ table, verb }) => !(MAY_CHANGE[table] ?? []).includes(verb));
    if (wrong.length === 0) return ok(`${who?.user}`);
    const some = wrong
      .slice(0, 3)
      .map(({ table, verb }) => `${verb} ${table}`)
      .join(', ');
    return fail(
      `${who?.user}${who?.super ? ' is a superuser' : ''}: ${some}${wrong.length > 3 ? `, ${wrong.length - 3} more` : ''}`,
      'let DATABASE_URL log in as a member of trading_ops_app that owns nothing',
    );
  },
};

const triggers: Check = {
  name: 'append-only triggers',
  expected: 'on every table of facts, enabled',
  async examine(patient) {
    const { rows } = await (
      await patient.db()
    ).raw<{ rows: { table: string }[] }>(
      `
      select c.relname as table from pg_class c
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'knex%' and c.relname <> all(?)
         and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = c.relname || '_append_only_trg' and t.tgenabled in ('O', 'A'))
       order by c.relname`,
      [Object.keys(MAY_CHANGE)] as never,
    );
    if (rows.length === 0) return ok('all');
    return fail(
      `missing or off: ${rows.map(({ table }) => table).join(', ')}`,
      'find out who turned them off (make audit -- verify), then: alter table … enable trigger all, as the owner',
    );
  },
};

const audit: Check = {
  name: 'audit log',
  expected: 'its newest record follows the one before it',
  async examine(patient) {
    const db = await patient.db();
    const head = await auditHead(db);
    if (!head) return ok('empty');
    const { rows } = await db.raw<{ rows: { sound: boolean }[] }>(
      `
      select a.hash = audit_hash(a.seq, a.at, a.account, a.actor, a.action, a.subject, a.detail, a.prev_hash)
             and a.prev_hash = coalesce((select b.hash from audit_log b where b.seq = a.seq - 1), repeat('0', 64)) as sound
        from audit_log a where a.seq = ?`,
      [head.seq],
    );
    return rows[0]?.sound
      ? ok(`record ${head.seq}`)
      : fail(`record ${head.seq} does not follow`, 'make audit -- verify');
  },
};

export const databaseChecks: Check[] = [migrations, facts, triggers, audit];
