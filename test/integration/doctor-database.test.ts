import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendAudit } from '../../src/db/audit.js';
import { connect } from '../../src/db/connect.js';
import { guardsOf } from '../../src/db/rights.js';
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
});
