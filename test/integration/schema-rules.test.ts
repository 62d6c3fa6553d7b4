import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { codeOf, fill, open, RUN_ROW, ticketRow, uuid } from '../support/migrated.js';

describe('the schema carries the rules', () => {
  let database: TestDatabase;
  let app: Knex;
  let owner: Knex;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = open(database.appUrl);
    owner = open(database.ownerUrl);
    await fill(owner);
    await owner('runs' as string).insert(RUN_ROW);
  });
  afterAll(async () => {
    await app.destroy();
    await owner.destroy();
    await database.drop();
  });

  it('every table and column says what it holds', async () => {
    const { rows } = (await owner.raw(`
      select c.relname as table, a.attname as column from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum >= 0 and not a.attisdropped
       where n.nspname = 'public' and c.relkind = 'r' and c.relname not like 'knex%' and col_description(c.oid, a.attnum) is null
      union all
      select c.relname, '(table)' from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'public' and c.relkind = 'r' and c.relname not like 'knex%' and obj_description(c.oid) is null`)) as {
      rows: unknown[];
    };
    expect(rows).toEqual([]);
  });

  it('the application may append facts and never edit them; bars alone may be restated, and that leaves a revision', async () => {
    const { rows } = (await owner.raw(`
      select table_name, string_agg(privilege_type, ',' order by privilege_type) as may from information_schema.role_table_grants
       where grantee = 'trading_ops_app' and privilege_type in ('UPDATE', 'DELETE', 'TRUNCATE')
         and table_schema <> 'desk' group by 1`)) as {
      rows: unknown[];
    };
    expect(rows).toEqual([]);
    expect(
      await codeOf(
        app('accounts' as string)
          .where({ account: 'main' })
          .update({ clock: 'real' }),
      ),
    ).toBe('42501');
    expect(await codeOf(app('audit_log').delete())).toBe('42501');
  });

  it('the owner is stopped too: facts are append-only by trigger', async () => {
    expect(
      await codeOf(
        owner('accounts' as string)
          .where({ account: 'main' })
          .update({ clock: 'real' }),
      ),
    ).toBe('42501');
    expect(await codeOf(owner('runs').delete())).toBe('42501');
    expect(await codeOf(owner.raw('truncate table alert_events') as unknown as Promise<unknown>)).toBe('42501');
  });

  const entry = (trx: Knex, key: string, values: object = {}) =>
    trx('journal_entries' as string)
      .insert({
        account: 'main',
        book: 'ledger',
        kind: 'DEPOSIT',
        effective_date: '2014-06-09',
        booked_at: '2014-06-09T09:00:00Z',
        description: 'x',
        idempotency_key: key,
        operator: 'ana',
        ...values,
      })
      .returning('entry_id')
      .then(([row]) => (row as { entry_id: number }).entry_id);
  const post = (trx: Knex, entryId: number, lines: [string, string, string][]) =>
    trx('postings' as string).insert(
      lines.map(([ledger_account, commodity, amount], index) => ({
        entry_id: entryId,
        line_no: index + 1,
        ledger_account,
        commodity,
        amount,
      })),
    );

  it('an entry that does not balance, or has no postings, is never committed', async () => {
    expect(
      await codeOf(
        app.transaction(async (trx) =>
          post(trx, await entry(trx, 'off'), [
            ['Assets:Cash', 'GBP', '10'],
            ['Equity:Transfers', 'GBP', '-9.99'],
          ]),
        ),
      ),
    ).toBe('postings_balanced_check');
    expect(await codeOf(app.transaction(async (trx) => void (await entry(trx, 'bare'))))).toBe(
      'journal_entries_postings_check',
    );
    expect(
      await codeOf(
        app.transaction(async (trx) =>
          post(trx, await entry(trx, 'even'), [
            ['Assets:Cash', 'GBP', '10'],
            ['Equity:Transfers', 'GBP', '-10'],
          ]),
        ),
      ),
    ).toBe('done');
  });

  it('units never go below zero, in either book', async () => {
    const sell = (book: string) =>
      app.transaction(async (trx) =>
        post(trx, await entry(trx, `sell-${book}`, { kind: 'FILL', book }), [
          ['Assets:Units', 'KO', '-1'],
          ['Equity:Trading', 'KO', '1'],
        ]),
      );
    expect(await codeOf(sell('ledger'))).toBe('postings_units_check');
    expect(await codeOf(sell('paper'))).toBe('postings_units_check');
  });

  it('a key is booked once an account, and an entry is reversed once', async () => {
    const book = (key: string, values: object = {}) =>
      codeOf(
        app.transaction(async (trx) =>
          post(trx, await entry(trx, key, values), [
            ['Assets:Cash', 'GBP', '1'],
            ['Equity:Transfers', 'GBP', '-1'],
          ]),
        ),
      );
    expect(await book('once')).toBe('done');
    expect(await book('once')).toBe('journal_entries_key_uniq');
    const [first] = await owner('journal_entries' as string).where({ idempotency_key: 'once' });
    expect(await book('undo', { kind: 'REVERSAL', reverses_entry_id: first.entry_id })).toBe('done');
    expect(await book('undo-again', { kind: 'REVERSAL', reverses_entry_id: first.entry_id })).toBe(
      'journal_entries_reverses_uniq',
    );
  });

  const ticket = (id: number, values: object = {}) =>
    codeOf(
      app('tickets').insert({
        ...ticketRow(id),
        ...values,
      }),
    );

  it('one live ticket an account and day: a second one must supersede the live NO_TRADE, once', async () => {
    expect(await ticket(1)).toBe('done');
    expect(await ticket(2)).toBe('tickets_first_of_day_uniq');
    expect(await ticket(3, { supersedes_ticket_id: uuid(1), supersedes_kind: 'NO_TRADE' })).toBe('done');
    expect(await ticket(4, { supersedes_ticket_id: uuid(1), supersedes_kind: 'NO_TRADE' })).toBe(
      'tickets_supersedes_uniq',
    );
    expect(await ticket(5, { supersedes_ticket_id: uuid(3), supersedes_kind: 'TRADE' })).toBe(
      'tickets_supersedes_kind_check',
    );
    expect(await ticket(6, { account: 'second', supersedes_ticket_id: uuid(3), supersedes_kind: 'NO_TRADE' })).toBe(
      'tickets_supersedes_fk',
    );
    expect(await owner('live_tickets').where({ account: 'main' }).pluck('ticket_id')).toEqual([uuid(3)]);
  });

  it('a superseded ticket is not confirmed, a confirmed one not superseded, and none is confirmed twice', async () => {
    const confirm = (id: number, ticketId: number) =>
      codeOf(
        app('confirmations').insert({
          confirmation_id: uuid(id),
          ticket_id: uuid(ticketId),
          kind: 'ACK',
          content: '{}',
          content_hash: 'x',
          operator: 'ana',
          confirmed_at: '2014-06-09T14:00:00Z',
        }),
      );
    expect(await confirm(11, 1)).toBe('confirmations_live_ticket_check');
    expect(await confirm(12, 3)).toBe('done');
    expect(await confirm(13, 3)).toBe('confirmations_first_of_ticket_uniq');
    expect(await ticket(7, { supersedes_ticket_id: uuid(3), supersedes_kind: 'NO_TRADE' })).toBe(
      'tickets_supersedes_open_check',
    );
  });

  it('a restated bar keeps what it said before', async () => {
    const bar = {
      source: 'csv',
      symbol: 'KO',
      session: '2014-06-06',
      basis: 'raw',
      currency: 'USD',
      open: 1,
      high: 2,
      low: 1,
      close: 1.5,
      volume: 10,
      payload_sha256: 'x',
      retrieved_at: '2014-06-09T07:00:00Z',
    };
    await app('bars' as string).insert(bar);
    await app('bars' as string)
      .where({ symbol: 'KO' })
      .update({ close: 1.6 });
    const [revision] = await app('bar_revisions').select(
      'symbol',
      app.raw(`prior->>'close' as before`),
      app.raw(`revised->>'close' as after`),
    );
    expect(revision).toEqual({ symbol: 'KO', before: '1.5', after: '1.6' });
    expect(await codeOf(app('bars' as string).insert({ ...bar, symbol: 'NAN', close: 'NaN' }))).toBe(
      'bars_finite_check',
    );
  });
});
