import { readFileSync, writeFileSync } from 'node:fs';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect.js';
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

  beforeAll(async () => {
    database = await createEmptyDatabase();
    await migrateToLatest(database.ownerUrl);
    dumped = await withClient(database.ownerUrl, async (client) => HEADER + (await dumpSchema(client)));
    db = connect(database.ownerUrl, 1);
    made = MADE_HEADER + schemaText(await db.transaction(schemaThings));
    if (process.env['WRITE_SCHEMA'] === '1') {
      writeFileSync(GOLDEN, dumped);
      writeFileSync(MADE, made);
    }
  });
  afterAll(async () => {
    await db.destroy();
    await database.drop();
  });

  it('is what the program holds a database against, to the last function, trigger and constraint', () => {
    expect(made).toBe(readFileSync(MADE, 'utf8'));
  });

  it('is what test/fixtures/schema.txt says, to the last constraint, trigger and grant', () => {
    expect(dumped).toBe(readFileSync(GOLDEN, 'utf8'));
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
