import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import type { Client } from 'pg';
import type { Knex } from 'knex';
import type { Column } from '../../src/db/columns.js';
import { TABLES, VIEWS } from '../../src/db/tables.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Columns as `table.column kind`, with what may be empty and who gives the value. */
type Described = Map<string, string>;

/** Set by the trigger that chains the log: nothing in the catalogue of Postgres says so. */
const BY_TRIGGER = ['audit_log.seq', 'audit_log.prev_hash', 'audit_log.hash'];

const COLUMNS = `
  select c.table_name || '.' || c.column_name as name, c.udt_name as kind, c.is_nullable = 'YES' as nullable,
         t.table_type = 'VIEW' as view,
         c.is_identity = 'YES' or c.column_default like 'nextval(%' as numbered,
         c.column_default is not null as "hasDefault"
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
   where table_schema = 'public' and table_name not like 'knex%'`;

interface Found {
  name: string;
  kind: string;
  nullable: boolean;
  view: boolean;
  numbered: boolean;
  hasDefault: boolean;
}

async function columnsOf(client: Client): Promise<Described> {
  const { rows } = await client.query<Found>(COLUMNS);
  return new Map(rows.map((row) => [row.name, row.view ? row.kind : words(row.kind, row.nullable, giverOf(row))]));
}

const giverOf = ({ name, numbered, hasDefault }: Found): Column['giver'] =>
  numbered || BY_TRIGGER.includes(name) ? 'database' : hasDefault ? 'default' : 'insert';
const words = (kind: string, nullable: boolean, giver: Column['giver']) =>
  `${kind}${nullable ? ' null' : ''}, given by ${giver}`;

/** Of a view Postgres knows no more than the kinds of its columns. */
const declared = (): Described =>
  new Map([
    ...columnsIn(TABLES).map(([name, { kind, nullable, giver }]) => [name, words(kind, nullable, giver)] as const),
    ...columnsIn(VIEWS).map(([name, { kind }]) => [name, kind] as const),
  ]);
const columnsIn = (tables: Record<string, Record<string, Column>>) =>
  Object.entries(tables).flatMap(([table, columns]) =>
    Object.entries(columns).map(([column, described]) => [`${table}.${column}`, described] as const),
  );

const byName = (columns: Described) => Object.fromEntries([...columns].toSorted(([a], [b]) => (a < b ? -1 : 1)));

describe('the types of the tables', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('are those of the migrated database: the kind of each column, whether it may be empty, who gives it', async () => {
    const found = await withClient(database.ownerUrl, columnsOf);
    expect(found.size).toBeGreaterThan(250);
    expect(byName(declared())).toEqual(byName(found));
  });

  it.each([
    ['a column more', 'alter table fills add column venue text', 'fills.venue'],
    ['a column less', 'alter table fills drop column notes', 'fills.notes'],
    ['a column of another name', 'alter table fills rename notes to remark', 'fills.notes'],
    ['another kind', 'alter table fills alter sequence type integer', 'fills.sequence'],
    ['what may be empty now', 'alter table runs alter operator drop not null', 'runs.operator'],
    ['what may be empty no longer', 'alter table snapshots alter notes set not null', 'snapshots.notes'],
    ['a default that is gone', 'alter table runs alter accounts drop default', 'runs.accounts'],
    ['a default that is new', `alter table runs alter operator set default 'x'`, 'runs.operator'],
    ['a table more', 'create table orders (order_id uuid primary key)', 'orders.order_id'],
    ['a view of more', 'create or replace view live_tickets as select * from tickets', 'live_tickets.seq'],
  ])('the comparison shows %s', async (_what, change, column) => {
    const changed = await withClient(database.ownerUrl, async (client) => {
      // One connection sees its own change; nobody else does, and it is taken back.
      await client.query('begin');
      try {
        await client.query(change);
        return await columnsOf(client);
      } finally {
        await client.query('rollback');
      }
    });
    expect(changed.get(column)).not.toBe(declared().get(column));
  });
});

/** Compiled, never run: what TypeScript refuses here, it refuses everywhere. */
export async function refusedByTheCompiler(db: Knex): Promise<void> {
  const [ticket] = await db('live_tickets').where({ account: 'main' }).select('kind', 'window_closes_at', 'material');
  expectTypeOf(ticket!.kind).toEqualTypeOf<'TRADE' | 'NO_TRADE'>();
  expectTypeOf(ticket!.window_closes_at).toEqualTypeOf<string | null>();
  // @ts-expect-error not selected
  void ticket!.issued_at;
  // @ts-expect-error numerics are text
  await db('postings').insert({ entry_id: 1, line_no: 1, ledger_account: 'Assets:Cash', commodity: 'GBP', amount: 1 });
  // @ts-expect-error no such account in the chart
  await db('postings').insert({ entry_id: 1, line_no: 1, ledger_account: 'Cash', commodity: 'GBP', amount: '1' });
  // @ts-expect-error a value is missing
  await db('snapshot_positions').insert({ snapshot_id: '', symbol: 'KO' });
  // @ts-expect-error the place in the order of facts is given by the database
  await db('run_results').insert({ run_id: '', outcome: '', summary: '', seq: 1 });
  // @ts-expect-error JSON is written as text: the driver would write a list as an array of Postgres
  await db('day_events').insert({ account: '', trading_day: '', event: 'OPENED', at: '', detail: {} });
  // @ts-expect-error facts are appended, never edited
  await db('tickets').update({ kind: 'TRADE' });
  const known = db('tickets').onConflict('ticket_id');
  // @ts-expect-error facts are appended, never edited
  await known.merge({ kind: 'TRADE' });
  // @ts-expect-error a view is read
  await db('live_tickets').insert({ ticket_id: '' });
}
