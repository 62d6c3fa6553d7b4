import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAudit } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { guardsOf } from '../../src/db/rights.js';
import { cliHere } from '../support/cli-here.js';
import { createEmptyDatabase } from '../support/database.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { says } from '../support/doctor.js';

describe('the database', () => {
  let installation: Installation;
  let owner: Knex;
  beforeEach(async () => {
    installation = await createInstallation();
    owner = connect(installation.settings.ownerDatabaseUrl ?? '', 1);
  });
  afterEach(async () => {
    await owner.destroy();
    await installation.cleanup();
  });

  it('migrations that are missing, or newer than this program', async () => {
    await says(installation, 'migrations', /^ok: \d+ applied/);
    const empty = await createEmptyDatabase();
    await says(installation, 'migrations', /^fail: \d+ missing, first 20261122100000_accounts_and_runs\.js/, {
      settings: { databaseUrl: empty.ownerUrl, ownerDatabaseUrl: empty.ownerUrl },
    });
    await empty.drop();
    await owner('knex_migrations').insert({
      name: '20991231000000_from_the_future.js',
      batch: 99,
      migration_time: new Date(),
    });
    await says(
      installation,
      'migrations',
      'fail: the database is newer than this program: 20991231000000_from_the_future.js',
    );
  });

  it('a role that may change facts', async () => {
    await says(installation, 'database role', 'ok: trading_ops_app');
    await says(installation, 'database role', /^fail: trading_ops_owner: .*(UPDATE|DELETE|TRUNCATE) \w+, .* \d+ more/, {
      settings: { databaseUrl: installation.settings.ownerDatabaseUrl ?? '' },
    });
    await owner.raw('grant update on fills to trading_ops_app');
    await says(installation, 'database role', 'fail: trading_ops_app: UPDATE fills');
  });

  it('a trigger that was turned off', async () => {
    await says(installation, 'triggers', 'ok: all');
    const { rows } = await owner.raw<{ rows: { tgname: string }[] }>(
      'select tgname from pg_trigger where not tgisinternal',
    );
    expect(await guardsOf(owner, ['bars'])).toEqual(rows.map(({ tgname }) => tgname).toSorted());
    await owner.raw('alter table fills disable trigger fills_append_only_trg');
    await owner.raw('alter table postings disable trigger postings_with_parent_trg');
    await owner.raw('drop trigger tickets_digest_trg on tickets');
    await says(
      installation,
      'triggers',
      'fail: missing or off: fills_append_only_trg, postings_with_parent_trg, tickets_digest_trg',
    );
  });

  it('an audit log whose end was altered', async () => {
    await says(installation, 'audit log', 'ok: record 1');
    for (const subject of ['one', 'two'])
      await appendAudit(owner, {
        at: '2026-11-22T10:00:00Z',
        account: null,
        actor: 'ann',
        action: 'x.done',
        subject,
        detail: {},
      });
    await says(installation, 'audit log', 'ok: record 3');
    await owner.raw('alter table audit_log disable trigger all');
    await owner('audit_log' as string)
      .where({ seq: 3 })
      .update({ actor: 'bob' });
    await says(installation, 'audit log', 'fail: record 3 does not follow');
  });

  it('a schema that is not ours is named before its functions are asked anything', async () => {
    await says(installation, 'schema', 'ok: as it was made');
    const cli = (args: string[]) => cliHere(installation, args);
    expect(await cli(['audit', 'verify'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^AUDIT_INTACT/) });
    // Somebody's trigger is named, and the facts are compared all the same.
    await owner.raw('alter table fills disable trigger fills_digest_trg');
    await owner.raw('alter table runs add column more text');
    await says(
      installation,
      'schema',
      /^fail: trigger public\.fills\.fills_digest_trg is not as the migrations make it; and 1 more$/,
    );
    const named = await cli(['audit', 'verify']);
    expect(named.code).toBe(2);
    expect(named.stdout).toContain(
      'AUDIT_BROKEN\nschema trigger public.fills.fills_digest_trg is not as the migrations make it\n' +
        'schema column public.runs.more was added by somebody else\n',
    );
    // A function that has every fact intact is not believed, nor one that would end all questions.
    await owner.raw(`create or replace function fact_breaks(only_of text default null)
      returns table (fact text, key text, problem text) language plpgsql as
      $$ begin raise exception 'no questions'; end $$`);
    const blind = await cli(['audit', 'verify']);
    expect(blind.code).toBe(2);
    expect(blind.stdout).toContain(
      'schema function public.fact_breaks(pg_catalog.text) is not as the migrations make it\n',
    );
    expect(blind.stdout).toContain('schema is not ours: what its functions say of the facts is not believed\n');
    expect((await cli(['books', 'verify'])).stdout).toContain(
      'I4: schema function public.fact_breaks(pg_catalog.text)',
    );
    // Of another version nobody says that it was tampered with.
    const { name } = (await owner('knex_migrations').orderBy('id', 'desc').first('name')) as { name: string };
    await owner('knex_migrations').where({ name }).delete();
    expect(await cli(['audit', 'verify'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^SCHEMA_MISSING: the schema is an older version's: 1 migrations are not applied/),
    });
    await says(installation, 'schema', "ok: another version's: see migrations");
    await owner('knex_migrations').insert([
      { name, batch: 1 },
      { name: '20991231000000_next.js', batch: 2 },
    ]);
    expect(await cli(['audit', 'verify'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^SCHEMA_MISSING: the database is newer than this program: 20991231000000_next/),
    });
  });
});
