import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { databaseUrl, readRecord } from '../../src/runtime/record.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/**
 * Every table of facts x {cell changed, row added, row removed}, as a superuser who passes every trigger and
 * constraint: each is named. Two rows of every table, made of nothing but the types of its columns; constraints are
 * dropped, for none of them is what proves a fact.
 */
let database: TestDatabase;
let root: Client;
let tables: string[];
const columns = new Map<string, { name: string; type: string; key: boolean }[]>();

const VALUES: Record<string, [string, string, string]> = {
  text: [`'one'`, `'two'`, `'three'`],
  'text[]': [`'{one}'`, `'{two,2}'`, `'{three}'`],
  uuid: ['1', '2', '3'].map((n) => `'00000000-0000-0000-0000-00000000000${n}'`) as [string, string, string],
  date: [`'2014-06-06'`, `'2014-06-09'`, `'2014-06-10'`],
  'timestamp with time zone': [`'2014-06-06 07:00:00.000001+00'`, `'2014-06-09T08:00Z'`, `'2014-06-09T08:00:01Z'`],
  numeric: ['1.5', '2', '2.50'],
  smallint: ['1', '2', '3'],
  integer: ['1', '2', '3'],
  bigint: ['1', '2', '3'],
  boolean: ['true', 'false', 'true'],
  jsonb: [`'{"a": null}'`, `'{"b": [1, 2]}'`, `'{"a": []}'`],
};
const valueOf = (type: string, which: number): string => {
  const values = VALUES[type.replace(/\(.*\)/, '')];
  if (!values) throw new Error(`no value of ${type}`);
  return values[which] as string;
};
const insertOf = (table: string, which: number): string => {
  const own = columns.get(table) ?? [];
  return `insert into ${table} (${own.map(({ name }) => name).join(', ')}) overriding system value
    values (${own.map(({ type }) => valueOf(type, which)).join(', ')})`;
};
const keyOf = (table: string, which: number): string =>
  (columns.get(table) ?? [])
    .filter(({ key }) => key)
    .map(({ name, type }) => `${name} = ${valueOf(type, which)}`)
    .join(' and ');

/** What the log says after a statement that no trigger saw, which is taken back. */
async function broken(
  only: string | null,
  ...statements: string[]
): Promise<{ fact: string; key: string; problem: string }[]> {
  await root.query(`begin; set local session_replication_role = replica`);
  try {
    for (const statement of statements) await root.query(statement);
    return (await root.query<{ fact: string; key: string; problem: string }>('select * from fact_breaks($1)', [only]))
      .rows;
  } finally {
    await root.query('rollback');
  }
}

beforeAll(async () => {
  database = await createTestDatabase();
  const record = readRecord(join(inject('servers').root, 'shared'));
  if (!record) throw new Error('the shared servers have no record');
  root = new Client({ connectionString: databaseUrl(record, 'superuser', database.name) });
  await root.connect();
  const { rows } = await root.query<{ table: string; name: string; type: string; key: boolean }>(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, coalesce(a.attnum =
      any(i.indkey), false) as key
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_index i on i.indrelid = c.oid and i.indisprimary
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'knex%'
       and c.relname not in ('audit_log', 'fact_digests') order by 1, 2`);
  for (const { table, ...column } of rows) columns.set(table, [...(columns.get(table) ?? []), column]);
  tables = [...columns.keys()];
  const { rows: constraints } = await root.query<{ drop: string }>(`
    select format('alter table %s drop constraint if exists %I cascade', conrelid::regclass, conname) as drop from
      pg_constraint
     where contype in ('c', 'f', 'u') and connamespace = 'public'::regnamespace`);
  for (const { drop } of constraints) await root.query(drop);
  for (const table of tables)
    for (const { name } of (columns.get(table) ?? []).filter(({ key }) => key))
      await root.query(`alter table ${table} alter ${name} drop identity if exists`);
  const { rows: indexes } = await root.query<{ drop: string }>(`
    select format('drop index %s', indexrelid::regclass) as drop from pg_index i join pg_class c on c.oid = i.indrelid
     where c.relnamespace = 'public'::regnamespace and indisunique and not indisprimary`);
  for (const { drop } of indexes) await root.query(drop);
  // Of triggers only those that digest: what the others want is not what is looked at here.
  const { rows: triggers } = await root.query<{ off: string }>(`
    select format('alter table %s disable trigger %I', tgrelid::regclass, tgname) as off from pg_trigger
     where not tgisinternal and tgname not like '%digest%trg' and tgname not like '%seal%' and tgrelid <>
       'audit_log'::regclass`);
  for (const { off } of triggers) await root.query(off);
  for (const table of tables) for (const which of [0, 1]) await root.query(insertOf(table, which));
});
afterAll(async () => {
  await root.end();
  await database.drop();
});

describe('facts and the audit log', () => {
  test('every table of facts has the trigger that digests, and what is stored agrees', async () => {
    expect(tables.length).toBeGreaterThanOrEqual(30);
    const { rows } = await root.query<{ table: string }>(
      `
      select c.relname as table from pg_class c where c.relname = any($1) and not exists (
        select from pg_trigger t join pg_proc p on p.oid = t.tgfoid
         where t.tgrelid = c.oid and t.tgname = c.relname || '_digest_trg' and p.proname = 'digest_' || c.relname
           and t.tgenabled = 'O' and t.tgtype & 4 = 4 and t.tgtype & 3 = 0)`,
      [tables],
    );
    expect(rows).toEqual([]);
    expect(await broken(null)).toEqual([]);
    const { rows: sealed } = await root.query(`select subject from audit_log where action = 'facts.recorded'`);
    // One row is there from the beginning: from which fact on signatures are wanted.
    expect(sealed).toHaveLength(2 * tables.length + 1);
  });

  test('a digest is what it was from the first version on: of columns by name, each in one text', async () => {
    const textOf = (type: string, text: string): string => {
      if (type === 'text' || type === 'text[]') return `'${text.replaceAll("'", "''")}'`;
      if (!type.startsWith('timestamp')) return text;
      // As ISO in UTC: with six places, and without a zone.
      const [day, time, places = ''] = text.replace('+00', '').split(/[ .]/);
      return `${day}T${time}.${places.padEnd(6, '0')}`;
    };
    await root.query(`set timezone = 'UTC'`);
    for (const table of tables) {
      const own = columns.get(table) ?? [];
      const { rows } = await root.query<Record<string, string | null> & { is: string }>(
        `select fact_digest(f) as is, ${own.map(({ name }) => `f.${name}::text as "=${name}"`).join(', ')} from ${table} f`,
      );
      expect(rows.length).toBeGreaterThanOrEqual(2);
      for (const row of rows) {
        const told = own.flatMap(({ name, type }) => {
          const text = row[`=${name}`];
          return text === null || text === undefined ? [] : [`${name}=${textOf(type, text)}`];
        });
        const hash = createHash('sha256').update(told.join('\u001f')).digest('hex').slice(0, 32);
        expect(row.is.replaceAll('-', ''), table).toBe(hash);
      }
    }
  });

  test('a cell that was changed, whichever, is named with table and key', async () => {
    const unnamed: string[] = [];
    let cells = 0;
    for (const table of tables)
      for (const { name, type } of (columns.get(table) ?? []).filter(({ key }) => !key)) {
        cells += 1;
        const found = await broken(
          table,
          `update ${table} set ${name} = ${valueOf(type, 2)} where ${keyOf(table, 0)}`.replace(
            /= true where/,
            '= not true where',
          ),
        );
        if (found.length !== 1 || found[0]?.fact !== table || found[0].problem !== 'was changed')
          unnamed.push(`${table}.${name}: ${JSON.stringify(found)}`);
      }
    expect(unnamed).toEqual([]);
    expect(cells).toBeGreaterThan(200);
  });

  test('a cell of a primary key that was changed is a row that is gone and one that is new', async () => {
    for (const table of tables)
      for (const { name, type } of (columns.get(table) ?? []).filter(({ key }) => key)) {
        const found = await broken(table, `update ${table} set ${name} = ${valueOf(type, 2)} where ${keyOf(table, 0)}`);
        expect(found.map(({ fact, problem }) => `${fact} ${problem}`).toSorted(), `${table}.${name}`).toEqual([
          `${table} was added: the audit log knows of no such row`,
          `${table} was removed`,
        ]);
      }
  });

  test('a row that was added or removed is named', async () => {
    for (const table of tables) {
      const added = await broken(table, insertOf(table, 2));
      expect(added, table).toEqual([
        { fact: table, key: expect.any(String), problem: 'was added: the audit log knows of no such row' },
      ]);
      const removed = await broken(table, `delete from ${table} where ${keyOf(table, 1)}`);
      expect(removed, table).toEqual([{ fact: table, key: expect.any(String), problem: 'was removed' }]);
    }
  });

  test('a digest that was changed, added or removed with its fact is named too, and a log cut short', async () => {
    const digest = `(select min(digest_id) from fact_digests where fact = 'fills')`;
    expect(
      await broken(
        null,
        `delete from fills where ${keyOf('fills', 0)}`,
        `delete from fact_digests where digest_id = ${digest}`,
      ),
    ).toEqual([
      {
        fact: 'fact_digests',
        key: expect.any(String),
        problem: expect.stringMatching(/^was removed: audit record \d+ has its hash, rows of fills$/),
      },
    ]);
    expect(
      await broken(
        null,
        `update fills set symbol = 'x' where ${keyOf('fills', 0)}`,
        `update fact_digests d set digests = array[(select fact_digest(f) from fills f where symbol = 'x')] where
          digest_id = ${digest}`,
      ),
    ).toMatchObject([{ fact: 'fact_digests', problem: expect.stringMatching(/^was changed: audit record/) }]);
    for (const many of [1, 7]) {
      const found = await broken(null, `delete from audit_log where seq > (select max(seq) - ${many} from audit_log)`);
      expect(found).toHaveLength(many);
      expect(found[0]).toMatchObject({
        fact: 'fact_digests',
        problem: expect.stringMatching(/^is in no audit record/),
      });
    }
  });

  test('a date or an instant that was moved to another era, or to no end, is named as any other', async () => {
    const unnamed: string[] = [];
    const moments = tables.flatMap((table) =>
      (columns.get(table) ?? [])
        .filter(({ type }) => type === 'date' || type.startsWith('timestamp'))
        .map((column) => ({ table, ...column })),
    );
    expect(moments.length).toBeGreaterThan(60);
    for (const { table, name, type, key } of moments) {
      const where = `where ${keyOf(table, 0)}`;
      const texts = [
        `(${name}::text || ' BC')`,
        `'infinity'`,
        `'-infinity'`,
        ...(type === 'date' ? [`'300000-01-01'`] : []),
      ];
      for (const text of texts) {
        const found = await broken(table, `update ${table} set ${name} = ${text}::${type} ${where}`);
        if (found.length !== (key ? 2 : 1)) unnamed.push(`${table}.${name} to ${text}: ${JSON.stringify(found)}`);
      }
      if (key) continue;
      // Where nothing stood: of a row that was recorded without it, no end is not nothing.
      const was = await brokenWithout(table, name, `update ${table} set ${name} = 'infinity' ${where}`);
      if (was.length !== 1) unnamed.push(`${table}.${name} from nothing: ${JSON.stringify(was)}`);
    }
    expect(unnamed).toEqual([]);
    const moved = await chainBreaks(`update audit_log set at = (at::text || ' BC')::timestamptz where seq = 3`);
    expect(moved).toEqual([{ seq: '3', problem: 'was altered' }]);
  });

  /** The same of a row whose column was empty when it was recorded. */
  async function brokenWithout(table: string, name: string, change: string) {
    const own = (columns.get(table) ?? []).filter((column) => column.name !== name);
    return broken(
      table,
      `alter table ${table} alter ${name} drop not null; alter table ${table} alter ${name} drop default`,
      // Recorded as any row: the digest of the one that it takes the place of goes with it.
      `delete from fact_digests where fact = '${table}'
          and keys = (select array[fact_key(f)] from ${table} f where ${keyOf(table, 0)})`,
      `delete from ${table} where ${keyOf(table, 0)}`,
      `set local session_replication_role = origin`,
      `insert into ${table} (${own.map((column) => column.name).join(', ')}) overriding system value
        values (${own.map(({ type }) => valueOf(type, 0)).join(', ')})`,
      `set local session_replication_role = replica`,
      change,
    ).then((found) => found.filter(({ fact }) => fact === table));
  }

  test('rows are counted: one that stands twice is named, and a table that has gone or come', async () => {
    for (const table of tables) {
      const twice = await broken(
        table,
        `alter table ${table} drop constraint ${table}_pkey cascade`,
        `insert into ${table} overriding system value select * from ${table} where ${keyOf(table, 1)}`,
      );
      expect(twice, table).toEqual([
        {
          fact: table,
          key: expect.any(String),
          problem: 'was added: it stands 2 times, and was recorded once',
        },
      ]);
    }
    // With its digest, as whoever owns the table inserts it: no key is recorded twice.
    const recorded = await broken(
      'fills',
      `alter table fills drop constraint fills_pkey cascade; set local session_replication_role = origin`,
      `insert into fills select * from fills where ${keyOf('fills', 1)}; set constraints all immediate`,
    );
    expect(recorded).toMatchObject([{ fact: 'fills', problem: 'was recorded 2 times, and stands 2 times' }]);
    expect(await broken(null, 'create schema aside; alter table fills set schema aside')).toEqual([
      { fact: 'fills', key: '', problem: 'was removed: the audit log has 2 rows of this table' },
    ]);
    expect(await broken(null, 'create table notes (note text)')).toEqual([
      { fact: 'notes', key: '', problem: 'has no digests: the audit log knows of no such table' },
    ]);
    expect(
      await broken('fills', `update fact_digests set recorded_at = recorded_at - interval '1 day' where digest_id = 2`),
    ).toMatchObject([
      { fact: 'fact_digests', key: '2', problem: expect.stringMatching(/^was changed: it says another time/) },
    ]);
  });
});

/** What the chain says after a statement that no trigger saw, which is taken back. */
async function chainBreaks(statement: string): Promise<unknown[]> {
  await root.query(`begin; set local session_replication_role = replica`);
  try {
    await root.query(statement);
    return (await root.query('select seq::text, problem from audit_chain_breaks()')).rows;
  } finally {
    await root.query('rollback');
  }
}
