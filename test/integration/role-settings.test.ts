import { Client } from 'pg';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { roleSettings } from '../../src/db/rights.js';
import { STATED_SETTINGS, statedUrl } from '../../src/db/session.js';
import { forgetRoleSettings, withClient } from '../../src/runtime/postgres/database.js';
import { databaseUrl, readRecord } from '../../src/runtime/record.js';
import { asked, says } from '../support/doctor.js';
import { driveDay, openSeat, TUESDAY, useDemoPolicy, type TestSeat } from '../support/day.js';
import { createInstallation, type Installation } from '../support/stack.js';
import { startWorkerHere } from '../support/worker-here.js';

/** What the application's role may set of its own, and each of it stops or bends what it reads and writes. */
const SET: Record<string, string> = {
  DateStyle: "'SQL, DMY'",
  IntervalStyle: "'sql_standard'",
  TimeZone: "'Pacific/Kiritimati'",
  extra_float_digits: '-15',
  bytea_output: "'escape'",
  default_transaction_read_only: 'on',
  default_transaction_isolation: "'serializable'",
  default_transaction_deferrable: 'on',
  synchronous_commit: 'off',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  quote_all_identifiers: 'on',
  exit_on_error: 'on',
  search_path: 'nowhere',
  local_preload_libraries: "'no_such_library'",
  plan_cache_mode: "'force_custom_plan'",
  lock_timeout: '1',
  idle_in_transaction_session_timeout: '1',
  statement_timeout: '1',
};

describe('a role that has set its own defaults', { timeout: 120_000 }, () => {
  let installation: Installation;
  let seat: TestSeat;
  let stop: () => Promise<void>;
  const urls = () => [installation.settings.databaseUrl ?? '', installation.settings.ownerDatabaseUrl ?? ''] as const;

  /** Of both roles, in this database alone: the server has those of other tests. */
  const setAll = async (settings: Record<string, string>) => {
    for (const url of urls())
      await withClient(url, async (client) => {
        const { rows } = await client.query<{ database: string }>('select current_database() as database');
        for (const [name, value] of Object.entries(settings))
          await client.query(`alter role current_user in database ${rows[0]?.database} set ${name} = ${value}`);
      });
  };

  beforeAll(async () => {
    installation = await createInstallation();
    useDemoPolicy(installation, { cadence: 'daily' });
    await setAll(SET);
    const worker = await startWorkerHere(installation);
    seat = await openSeat(installation);
    stop = async () => {
      await worker.stop();
      await seat.close();
      await installation.cleanup();
    };
  });
  afterAll(() => stop());

  it('bends nothing that is read, and stops nothing that is written', async () => {
    // A client of somebody else's does begin as it was set: not even its login works.
    const other = new Client({ connectionString: urls()[0] });
    await expect(other.connect()).rejects.toThrow(/no_such_library/);
    void other.end();
    await driveDay(seat);
    const days = await seat.cli(['run-0800', '--at', `${TUESDAY}T08:00:00+01:00`]);
    expect(days, days.stderr).toMatchObject({ code: 0 });
    for (const proof of ['signatures', 'audit', 'books'])
      expect(await seat.cli([proof, 'verify']), proof).toMatchObject({ code: 0 });
    for (const command of [['backup'], ['restore-test'], ['migrate']]) {
      const done = await seat.cli(command);
      expect(done, `${command.join(' ')}: ${done.stderr}`).toMatchObject({ code: 0 });
    }
    expect((await asked(installation, 'valuation')).join()).not.toMatch(/\d\/\d/);
  });

  it('is stated otherwise by every session, whatever the address of the database says', async () => {
    const [url] = urls();
    const both = `${url}?options=${encodeURIComponent('-c work_mem=3MB -c DateStyle=German')}`;
    const db = connect(both, 1);
    const seen = async (name: string) => {
      const { rows } = await db.raw<{ rows: { value: string }[] }>('select current_setting(?) as value', [name]);
      return rows[0]?.value;
    };
    expect(await seen('DateStyle')).toBe('ISO, MDY');
    expect(await seen('work_mem')).toBe('3MB');
    const source = `select name from pg_settings where lower(name) = any(?) and source not in ('client')`;
    expect((await db.raw<{ rows: unknown[] }>(source, [[...STATED_SETTINGS]])).rows).toEqual([]);
    await db.destroy();
    // Every one of them was tried, but for what the language of a machine decides.
    const tried = new Set(Object.keys(SET).map((name) => name.toLowerCase()));
    expect([...STATED_SETTINGS].filter((name) => !tried.has(name))).toEqual([
      'lc_numeric',
      'lc_monetary',
      'lc_time',
      'backslash_quote',
      'row_security',
      'jit',
    ]);
    expect(new URL(statedUrl(url)).password).toBe(new URL(url).password);
  });

  it('is named by doctor, and taken back', async () => {
    const named = /^warn: somebody has set trading_ops_app: DateStyle=SQL, DMY; .*; \d+ more$/;
    await says(installation, 'role settings', named);
    const record = readRecord(join(inject('servers').root, 'shared'));
    const database = new URL(urls()[0]).pathname.slice(1);
    if (!record) throw new Error('the shared servers have no record');
    await withClient(databaseUrl(record, 'superuser', database), async (client) => {
      await client.query(`alter database ${database} set default_transaction_read_only = on`);
      await forgetRoleSettings(client);
    });
    expect(await roleSettings(seat.db)).toEqual([]);
    await says(installation, 'role settings', 'ok: none');
  });
});
