import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withClient } from '../../src/runtime/postgres/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let [app, owner]: [Client, Client] = [new Client(), new Client()];

beforeAll(async () => {
  database = await createTestDatabase();
  // As `up` makes a database: no dump and no template carries the rights on the database itself.
  await withClient(database.ownerUrl, (client) => client.query(`revoke all on database ${database.name} from public`));
  await withClient(database.ownerUrl, (client) =>
    client.query(`grant connect on database ${database.name} to trading_ops_app`),
  );
  [app, owner] = [
    new Client({ connectionString: database.appUrl }),
    new Client({ connectionString: database.ownerUrl }),
  ];
  await Promise.all([app.connect(), owner.connect()]);
  await owner.query(`
    insert into accounts (account, base_currency, clock) values ('main', 'GBP', 'simulated');
    insert into config_versions (content_hash, kind, content) values (repeat('a', 64), 'policy', '{}'), (repeat('b',
      64), 'universe', '{}');
    insert into runs (run_id, slot, trading_day, as_of_date, at, workflow_id, operator, policy_hash, universe_hash)
      values ('${'0'.repeat(8)}-0000-0000-0000-000000000001', '1400', '2014-06-09', '2014-06-06', now(), 'w', 'ana',
        repeat('a', 64), repeat('b', 64));
    begin;
    insert into journal_entries (account, book, kind, effective_date, booked_at, description, operator, idempotency_key)
      values ('main', 'ledger', 'OPENING', '2014-06-09', now(), 'x', 'ana', 'opening');
    insert into postings (entry_id, line_no, ledger_account, commodity, amount)
      values (1, 1, 'Assets:Cash', 'GBP', 1000), (1, 2, 'Equity:Opening', 'GBP', -1000);
    commit;
    insert into snapshots (snapshot_id, account, snapshot_date, taken_at, cash, operator, content_hash)
      values ('${'0'.repeat(8)}-0000-0000-0000-000000000002', 'main', '2014-06-09', now(), 1000, 'ana', 'x');
    insert into tickets (ticket_id, account, trading_day, as_of_date, kind, dry_run, material_hash, material,
      reasons, run_id, issued_at, policy_hash, universe_hash)
      values ('${'0'.repeat(8)}-0000-0000-0000-000000000003', 'main', '2014-06-09', '2014-06-06', 'NO_TRADE', false,
        repeat('c', 64), '{}', '[1]',
        '${'0'.repeat(8)}-0000-0000-0000-000000000001', now(), repeat('a', 64), repeat('b', 64));
    insert into confirmations (confirmation_id, ticket_id, kind, content, content_hash, operator, confirmed_at)
      values ('${'0'.repeat(8)}-0000-0000-0000-000000000004', '${'0'.repeat(8)}-0000-0000-0000-000000000003', 'ACK',
        '{}', 'x', 'ana', now());
  `);
});
afterAll(async () => {
  await Promise.all([app.end(), owner.end()]);
  await database.drop();
});

const id = (n: number) => `'${'0'.repeat(8)}-0000-0000-0000-00000000000${n}'`;
/**
 * What the application's role gets for a statement: the code of the error or the rule that it broke; `done`
 * otherwise.
 */
const tried = async (statement: string): Promise<string> => {
  try {
    await app.query(statement);
    return 'done';
  } catch (error) {
    const { code, constraint } = error as { code?: string; constraint?: string };
    return constraint ?? code ?? 'unknown';
  } finally {
    await app.query('rollback');
  }
};

describe('functions', () => {
  /**
   * Functions that resolve names as whoever calls them does: plain expressions over one row, inlined where they are
   * used.
   */
  const INLINED = /^(audit_hash|digest_hash|fact_key|fact_digest)$/;
  const unpinned = async (client: Client) => {
    const { rows } = await client.query<{ name: string; definer: boolean; config: string[] | null; body: string }>(`
      select p.proname as name, p.prosecdef as definer, p.proconfig as config, p.prosrc as body from pg_proc p
       where p.pronamespace = 'public'::regnamespace`);
    const tables = (
      await client.query<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and
          relname not like 'knex%'`,
      )
    ).rows.map(({ name }) => name);
    // A table after from, join or into that does not say its schema.
    const bare = new RegExp(`\\b(from|join|into|update)\\s+(${tables.join('|')})\\b`, 'i');
    const wrong = ({ name, definer, config, body }: (typeof rows)[number]) =>
      bare.test(body) ||
      (INLINED.test(name) ? definer : !(config ?? []).includes('search_path=pg_catalog, public, pg_temp'));
    return rows.filter(wrong).map(({ name }) => name);
  };

  test('look in pg_catalog and the schema only, and name their tables in full', async () => {
    expect(await unpinned(owner)).toEqual([]);
  });

  test.each([
    ['that is pinned nowhere', `create function f() returns int language sql security definer as 'select 1'`],
    [
      'with temporary tables first',
      `create function f() returns int language sql set search_path = pg_temp, public as 'select 1'`,
    ],
    [
      'with the path of its maker',
      `create function f() returns int language plpgsql set search_path from current as 'begin return 1; end'`,
    ],
    [
      'that names a table alone',
      `create function f() returns bigint language sql security definer set search_path = pg_catalog, public, pg_temp
        as 'select count(*) from tickets'`,
    ],
  ])('a new one %s is found', async (_what, statement) => {
    await owner.query('begin');
    await owner.query(statement);
    const found = await unpinned(owner);
    await owner.query('rollback');
    expect(found).toEqual(['f']);
  });
});

describe("the application's role", () => {
  test.each([
    'create table mine (x int)',
    'create temporary table audit_log (seq bigint, hash text)',
    'create temp view audit_log as select 1',
    'select 1 as x into temporary audit_log',
    'create schema mine',
    'create function public.f() returns int language sql as $$ select 1 $$',
    'create view public.v as select 1',
    'create trigger t before insert on fills for each row execute function refuse_edit()',
    'create rule r as on insert to fills do instead nothing',
    'alter table fills disable trigger all',
    'alter function chain_audit() security invoker',
    'drop trigger fills_append_only_trg on fills',
    'set role trading_ops_owner',
    'set session authorization trading_ops_owner',
    'set session_replication_role = replica',
    'alter role trading_ops_app superuser',
    `copy accounts to '/tmp/accounts'`,
    `copy accounts from program 'id'`,
    `select lo_import('/etc/passwd')`,
    `select pg_read_file('/etc/passwd')`,
    `select setval('facts_seq', 1)`,
    `alter sequence facts_seq restart`,
    'begin; lock table audit_log in access exclusive mode',
    'truncate bars',
    'delete from bars',
    `update bars set symbol = 'x'`,
    `update bars set recorded_at = now()`,
  ])('may not: %s', async (statement) => {
    expect(await tried(statement)).toBe('42501');
  });

  test('changes and deletes nothing in any table, in no column but the figures of a bar', async () => {
    const { rows } = await owner.query<{ may: string }>(`
      select concat_ws('.', table_name, column_name) as may from information_schema.column_privileges
       where grantee = 'trading_ops_app' and privilege_type = 'UPDATE' and table_schema <> 'desk' order by 1`);
    expect(rows.map(({ may }) => may)).toEqual(
      [
        'adj_close',
        'basis',
        'close',
        'currency',
        'high',
        'low',
        'open',
        'payload_sha256',
        'retrieved_at',
        'volume',
      ].map((column) => `bars.${column}`),
    );
    const { rows: tables } = await owner.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    );
    for (const { name } of tables)
      for (const statement of [`delete from ${name}`, `truncate ${name} cascade`])
        expect([statement, await tried(statement)]).toEqual([statement, '42501']);
  });

  test('says of no fact when it was recorded, nor its number, nor a hash; and writes no digest', async () => {
    const { rows } = await owner.query<{ may: string }>(`
      select c.relname || '.' || a.attname as may from pg_class c join pg_attribute a on a.attrelid = c.oid and
        a.attnum > 0 and not a.attisdropped
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and has_column_privilege('trading_ops_app',
         c.oid, a.attnum, 'INSERT')
         and (a.attidentity <> '' or a.attname in ('seq', 'recorded_at', 'opened_at', 'first_seen_at', 'replaced_at',
           'prev_hash', 'hash')
           or c.relname in ('fact_digests', 'bar_revisions') or c.relname like 'knex%')`);
    expect(rows).toEqual([]);
    expect(
      await tried(`insert into accounts (account, base_currency, clock, opened_at) values ('x', 'GBP', 'real', now())`),
    ).toBe('42501');
    const forged = (action: string) =>
      tried(`
      insert into audit_log (at, actor, action, subject, detail) values (now(), 'eve', '${action}', 'x',
        '{"digests": []}')`);
    expect([await forged('facts.recorded'), await forged('facts.baseline'), await forged('x.y')]).toEqual([
      '42501',
      '42501',
      'done',
    ]);
  });

  test.each([
    [
      'postings',
      `insert into postings (entry_id, line_no, ledger_account, commodity, amount)
       values (1, 3, 'Assets:Cash', 'GBP', 500), (1, 4, 'Equity:Transfers', 'GBP', -500)`,
    ],
    ['snapshot_positions', `insert into snapshot_positions values (${id(2)}, 'KO', 5)`],
    ['ticket_facts', `insert into ticket_facts values (${id(3)}, '{}', 'x')`],
    [
      'ticket_lines',
      `insert into ticket_lines (ticket_id, sequence, symbol, etoro_search_name, side, order_type, value_base,
        reference_price, reference_currency, skip_price)
       values (${id(3)}, 1, 'KO', 'KO', 'BUY', 'MARKET', 5, 1, 'USD', 1)`,
    ],
    [
      'fills',
      `insert into fills (confirmation_id, sequence, symbol, side, executed_status, notes) values (${id(4)}, 1, 'KO',
        'BUY', 'SKIPPED', 'x')`,
    ],
  ])('adds no %s to what another transaction recorded', async (table, statement) => {
    expect(await tried(statement)).toBe(`${table}_with_parent_check`);
    // Nor to one that is recorded while its own transaction is under way already.
    await app.query(
      `begin; insert into audit_log (at, actor, action, subject, detail) values (now(), 'x', 'x.y', 'x', '{}')`,
    );
    await app.query('rollback');
  });

  test('may add to what its own transaction recorded, also in a savepoint; not to what came meanwhile', async () => {
    const snapshot = (
      n: number,
    ) => `insert into snapshots (snapshot_id, account, snapshot_date, taken_at, cash, operator, content_hash)
      values (${id(n)}, 'main', '2014-06-09', now(), 1000, 'ana', 'x')`;
    const position = (n: number) => `insert into snapshot_positions values (${id(n)}, 'KO', 5)`;
    expect(
      await tried(
        `begin; ${snapshot(5)}; savepoint s; ${snapshot(6)}; ${position(5)}; release s; ${position(6)}; commit`,
      ),
    ).toBe('done');
    await app.query(`begin; select pg_current_xact_id()`);
    await owner.query(snapshot(7));
    expect(await tried(position(7))).toBe('snapshot_positions_with_parent_check');
  });

  test('loads bars by the stage that is made for it, and can put nothing before a table of ours by it', async () => {
    await app.query('begin; select prepare_bars_stage(); select prepare_bars_stage()');
    await app.query(`insert into bars_stage (place) values (1); truncate bars_stage`);
    expect(await tried('alter table bars_stage rename to audit_log')).toBe('42501');
  });
});
