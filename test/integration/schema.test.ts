import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
import { schemaProof } from '../../src/db/schema-proof.js';
import { schemaBreaks } from '../../src/operations/guard/prove-facts.js';
import { databaseUrl, readRecord } from '../../src/runtime/record.js';
import { schemaThings } from '../../src/db/schema-things.js';
import { schemaText } from '../../src/domain/audit/schema.js';
import { migrateToLatest } from '../../src/db/migrate.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { dumpSchema } from '../support/schema-dump.js';

const GOLDEN = new URL('../fixtures/schema.txt', import.meta.url);
const HEADER = `# The schema as the migrations leave it, by what Postgres itself says of it (test/support/schema-dump.ts).
# A migration that changes anything here changes this file in the same commit:
#   WRITE_SCHEMA=1 npx vitest run --project integration test/integration/schema.test.ts

`;
const MADE = new URL('../../migrations-support/schema.txt', import.meta.url);
const MADE_HEADER = `# What the migrations make, as src/db/schema-things.ts reads it: the program holds its database against it.
# A migration that changes anything here changes this file in the same commit, and nobody writes it by hand:
#   WRITE_SCHEMA=1 npx vitest run --project integration test/integration/schema.test.ts

`;

describe('the schema', () => {
  let database: TestDatabase;
  let dumped: string;
  let made: string;
  let db: Knex;
  let root: Knex;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    await migrateToLatest(database.ownerUrl);
    dumped = await withClient(database.ownerUrl, async (client) => HEADER + (await dumpSchema(client)));
    db = connect(database.ownerUrl, 1);
    const record = readRecord(join(inject('servers').root, 'shared'));
    if (!record) throw new Error('the shared servers have no record');
    root = connect(databaseUrl(record, 'superuser', database.name), 1);
    made = MADE_HEADER + schemaText(await db.transaction(schemaThings));
    if (process.env['WRITE_SCHEMA'] === '1') {
      writeFileSync(GOLDEN, dumped);
      writeFileSync(MADE, made);
    }
  });
  afterAll(async () => {
    await db.destroy();
    await root.destroy();
    await database.drop();
  });

  it('is what the program holds a database against, to the last function, trigger and constraint', () => {
    expect(made).toBe(readFileSync(MADE, 'utf8'));
  });

  it('is what test/fixtures/schema.txt says, to the last constraint, trigger and grant', () => {
    expect(dumped).toBe(readFileSync(GOLDEN, 'utf8'));
  });

  // As whoever may do anything would do it: each is named, and taken back.
  it.each([
    [
      'the function that compares facts',
      `create or replace function fact_breaks(only_of text default null)
         returns table (fact text, key text, problem text) language sql stable as $$
         select null::text, null::text, null::text where false $$`,
      'function public.fact_breaks(pg_catalog.text) is not',
    ],
    [
      'a function that runs as its caller',
      `alter function chain_audit() security invoker`,
      'function public.chain_audit() is not',
    ],
    [
      'where a function looks for names',
      `alter function fact_breaks(text) set search_path = evil, public`,
      'function public.fact_breaks(pg_catalog.text) is not',
    ],
    [
      'a function that fits better than one of Postgres',
      `create function concat_ws(text, text, text) returns text language sql as $$ select 'x' $$`,
      'function public.concat_ws(pg_catalog.text,pg_catalog.text,pg_catalog.text) was added',
    ],
    [
      'a function of Postgres itself',
      `create or replace function pg_catalog.sha256(bytea) returns bytea language sql immutable as $$ select $1 $$`,
      'built in pg_catalog.sha256(pg_catalog.bytea) was added',
    ],
    [
      'an operator of one of our types',
      `create function same(fills, fills) returns boolean language sql as $$ select true $$;
       create operator public.=== (leftarg = fills, rightarg = fills, function = same)`,
      'operator ===(fills,fills) was added',
    ],
    [
      'a cast',
      `create function words(fills) returns text language sql as $$ select 'x' $$;
       create cast (fills as text) with function words(fills) as implicit`,
      'cast public.fills as pg_catalog.text was added',
    ],
    [
      'a trigger that is off',
      `alter table runs disable trigger runs_append_only_trg`,
      'trigger public.runs.runs_append',
    ],
    [
      'a trigger that has gone',
      `drop trigger fills_digest_trg on fills`,
      'trigger public.fills.fills_digest_trg is missing',
    ],
    [
      'a trigger that calls another function',
      `drop trigger fills_digest_trg on fills;
       create trigger fills_digest_trg after insert on fills referencing new table as inserted
         for each statement execute function digest_runs()`,
      'trigger public.fills.fills_digest_trg is not',
    ],
    [
      'a trigger that sees to less',
      `drop trigger postings_units_trg on postings;
       create constraint trigger postings_units_trg after insert on postings deferrable initially deferred
         for each row when (false) execute function check_units_not_negative()`,
      'trigger public.postings.postings_units_trg is not',
    ],
    [
      'a trigger of somebody else',
      `create trigger mine after insert on fills for each statement execute function refuse_edit()`,
      'trigger public.fills.mine was added',
    ],
    [
      'a primary key',
      `alter table postings drop constraint postings_pkey cascade`,
      'constraint public.postings.postings_pkey is missing',
    ],
    [
      'a check that lets all in',
      `alter table fills drop constraint fills_price_check,
       add constraint fills_price_check check (fill_price > -1)`,
      'constraint public.fills.fills_price_check is not',
    ],
    [
      'a foreign key that is off',
      `alter table fills disable trigger all`,
      'constraint public.fills.fills_confirmation_id_fkey is not',
    ],
    [
      'an index that is unique no longer',
      `drop index gate_results_run_account_gate_uniq;
       create index gate_results_run_account_gate_uniq on gate_results (run_id, coalesce(account, ''), gate)`,
      'index public.gate_results_run',
    ],
    ['a column', `alter table fills add column more text`, 'column public.fills.more was added'],
    [
      'a column that may be empty',
      `alter table runs alter operator drop not null`,
      'column public.runs.operator is not',
    ],
    [
      'a default',
      `alter table runs alter recorded_at set default '2020-01-01'`,
      'column public.runs.recorded_at is not',
    ],
    [
      'a table in whose place a view stands',
      `alter table fills rename to filled; create view fills as select * from filled`,
      'relation public.fills is not',
    ],
    [
      'a right to change facts',
      `grant update (notes), delete on fills to trading_ops_app`,
      'right delete public.fills by trading_ops_app was added',
    ],
    ['a right of everybody', `grant insert on fills to public`, 'right insert public.fills by everybody was added'],
    ['an owner', `alter table fills owner to trading_ops_app`, 'relation public.fills is not'],
    ['an order that runs backwards', `alter sequence facts_seq increment by -1`, 'sequence public.facts_seq is not'],
    [
      'a foreign key of which one side is off',
      `update pg_trigger set tgenabled = 'D' where tgname like 'RI_ConstraintTrigger_a%' and tgrelid = 'confirmations'::regclass`,
      'constraint public.fills.fills_confirmation_id_fkey is not',
    ],
    ['rows that are hidden', `alter table fills enable row level security`, 'relation public.fills is not'],
    [
      'a table whose rows are those of another too',
      `create schema aside; create table aside.more () inherits (fills)`,
      'inheritance public.fills of aside.more was added',
    ],
    ['a rule', `create rule nothing as on insert to fills do instead nothing`, 'rule public.fills.nothing was added'],
    [
      'the view of what is live',
      `create or replace view live_tickets as select * from tickets`,
      'view public.live_tickets is not',
    ],
    [
      'a setting by which no trigger fires',
      `set local session_replication_role = replica`,
      'setting session_replication_role is not',
    ],
    [
      'a table before the catalogue',
      `create view public.pg_trigger as select * from pg_catalog.pg_trigger where false;
       set local search_path = public, pg_catalog; drop trigger fills_digest_trg on fills`,
      'trigger public.fills.fills_digest_trg is missing',
    ],
  ])('the program names %s', async (_what, change, named) => {
    const trx = await root.transaction();
    try {
      await trx.raw(change.replaceAll('?', '\\?'));
      const told = schemaBreaks(await schemaProof(trx)).map(({ key, problem }) => `${key} ${problem}`);
      expect(
        told.some((line) => line.startsWith(named)),
        told.join('\n'),
      ).toBe(true);
    } finally {
      await trx.rollback();
    }
  });

  it('is the same to whoever asks, whatever they have set', async () => {
    const app = connect(database.appUrl, 1);
    const trx = await app.transaction();
    try {
      await trx.raw(`set local search_path = pg_temp; set local datestyle = 'SQL, DMY'; set local timezone = 'Asia/Tokyo';
        set local quote_all_identifiers = on; set local bytea_output = escape; set local intervalstyle = iso_8601;
        set local extra_float_digits = 0; set local standard_conforming_strings = off`);
      expect(schemaBreaks(await schemaProof(trx))).toEqual([]);
    } finally {
      await trx.rollback();
      await app.destroy();
    }
  });

  // Each is a mutation of a migration that no other test noticed.
  it.each([
    ['a constraint', `alter table payloads drop constraint payloads_bytes_check`],
    [
      'a constraint made weaker',
      `alter table runs drop constraint runs_as_of_check, add constraint runs_as_of_check check (as_of_date <= trading_day)`,
    ],
    ['a trigger', `drop trigger runs_append_only_trg on runs`],
    ['a trigger that is switched off', `alter table runs disable trigger runs_append_only_trg`],
    [
      'the body of a function',
      `create or replace function refuse_edit() returns trigger language plpgsql as $$ begin return new; end $$`,
    ],
    ['a function that runs as its caller', `alter function chain_audit() security invoker`],
    ['a grant', `grant delete on fills to trading_ops_app`],
    ['a grant of a column', `grant update (notes) on fills to trading_ops_app`],
    ['a grant that is taken back', `revoke insert on alerts from trading_ops_app`],
    ['a default grant', `alter default privileges in schema public revoke select on tables from trading_ops_app`],
    ['an index', `drop index runs_trading_day_idx`],
    [
      'an index that is unique no longer',
      `drop index gate_results_run_account_gate_uniq; create index gate_results_run_account_gate_uniq on gate_results (run_id, coalesce(account, ''), gate)`,
    ],
    ['a column that may be empty', `alter table runs alter operator drop not null`],
    ['a default', `alter table runs alter recorded_at drop default`],
    ['the type of a column', `drop view live_tickets; alter table payloads alter bytes type integer`],
    ['a comment', `comment on column runs.at is 'When.'`],
    [
      'a foreign key that cascades',
      `alter table fills drop constraint fills_confirmation_id_fkey, add constraint fills_confirmation_id_fkey foreign key (confirmation_id) references confirmations on delete cascade`,
    ],
  ])('the dump shows %s', async (_what, change) => {
    const changed = await withClient(database.ownerUrl, async (client) => {
      // One connection sees its own change; nobody else does, and it is taken back.
      await client.query('begin');
      try {
        await client.query(change);
        return HEADER + (await dumpSchema(client));
      } finally {
        await client.query('rollback');
      }
    });
    expect(changed).not.toBe(dumped);
  });
});
