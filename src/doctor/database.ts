import { migrationState } from '../db/migrate.js';
import { keptHeads } from '../backup/heads.js';
import { auditHead, follows } from '../db/audit.js';
import { guardsMissing, loginOf, rightsToChange, roleSettings } from '../db/rights.js';
import { schemaProof } from '../db/schema-proof.js';
import { inView } from '../db/transaction.js';
import { schemaBreaks } from '../operations/guard/prove-facts.js';
import { headsMissed } from '../operations/guard/verify-audit.js';
import { violationText } from '../operations/guard/tell-books.js';
import { brokenBooks } from '../operations/guard/verify-books.js';
import { bounded } from '../domain/text.js';
import { externalParts } from '../runtime/addresses.js';
import { fail, ok, warn, type Check } from './finding.js';

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

const facts: Check = {
  name: 'database role',
  expected: 'may add facts, and neither change nor delete them',
  async examine(patient) {
    const db = await patient.db();
    const [rights, who] = [await rightsToChange(db), await loginOf(db)];
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

const settings: Check = {
  name: 'role settings',
  expected: 'none: each session states what it needs',
  async examine(patient) {
    const set = await roleSettings(await patient.db());
    if (set.length === 0) return ok('none');
    const some = set
      .slice(0, 3)
      .map(({ role, name, value }) => `${role ?? 'everybody'}: ${name}=${bounded(value, 40)}`)
      .join('; ');
    return warn(
      `somebody has set ${some}${set.length > 3 ? `; ${set.length - 3} more` : ''}`,
      externalParts(patient.settings).postgres
        ? 'find out who did; alter role … reset all (or alter role … in database … reset all) takes it back'
        : 'find out who did; make up takes it back',
    );
  },
};

const triggers: Check = {
  name: 'triggers',
  expected: 'all that keep the rules of facts, enabled',
  async examine(patient) {
    const off = await guardsMissing(await patient.db(), Object.keys(MAY_CHANGE));
    if (off.length === 0) return ok('all');
    return fail(
      `missing or off: ${off.slice(0, 5).join(', ')}${off.length > 5 ? `, ${off.length - 5} more` : ''}`,
      'find out who turned them off (make audit -- verify), then: alter table … enable trigger all, as the owner',
    );
  },
};

const schema: Check = {
  name: 'schema',
  expected: 'as the migrations make it',
  async examine(patient) {
    const proof = await inView(await patient.db(), schemaProof);
    // Migrations of another version are told by a check of their own.
    if (proof.missing.length + proof.unknown.length > 0) return ok("another version's: see migrations");
    const [first, ...more] = schemaBreaks(proof);
    if (!first) return ok('as it was made');
    return fail(
      `${first.key} ${first.problem}${more.length > 0 ? `; and ${more.length} more` : ''}`,
      'find out who did it (make audit -- verify names all); then restore a backup from before: make restore-fresh-test',
    );
  },
};

const audit: Check = {
  name: 'audit log',
  expected: 'its newest record follows the one before it, and the heads that were kept of it are where they were',
  async examine(patient) {
    const db = await patient.db();
    const head = await auditHead(db);
    if (!head) return ok('empty');
    if (!(await follows(db, head.seq))) return fail(`record ${head.seq} does not follow`, 'make audit -- verify');
    const { dataDir, backups } = patient.paths;
    const [missed] = await headsMissed(db, await keptHeads(dataDir, backups));
    return missed === undefined
      ? ok(`record ${head.seq}`)
      : fail(missed, 'put it back: from the second place of the backups, or from a copy of the data directory');
  },
};

const books: Check = {
  name: 'books',
  expected: 'every invariant holds, every fact is as it was recorded',
  async examine(patient) {
    const [db, policy] = [await patient.db(), await patient.policy()];
    const slots = { policy, now: patient.now().toISOString() };
    const files = { env: patient.env, policy, recent: true };
    const [first, ...more] = await brokenBooks({
      db,
      kept: patient.paths,
      keys: patient.settings,
      slots,
      facts: 'all but bars',
      files,
    });
    if (!first) return ok('sound');
    return fail(`${violationText(first)}${more.length > 0 ? `; and ${more.length} more` : ''}`, 'make books -- verify');
  },
};

export const databaseChecks: Check[] = [migrations, facts, settings, triggers, schema, audit, books];
