import { readdirSync } from 'node:fs';
import knex, { type Knex } from 'knex';
import { describe, expect, it } from 'vitest';
import { insertActions, listActions, listRulings } from '../../src/db/actions.js';
import { connect } from '../../src/db/connect.js';
import { killSwitchEvents, turnKillSwitch } from '../../src/db/kill-switch.js';
import { inTransaction } from '../../src/db/transaction.js';
import { rateQuestion } from '../../src/db/fx.js';
import { gatesQuestion } from '../../src/db/gates.js';
import { journal } from '../../src/db/journal.js';
import { storedHistories } from '../../src/db/market-facts.js';
import { latestValuation } from '../../src/db/valuations.js';
import { recallDay } from '../../src/db/days.js';
import { migrateToLatest, migrationState } from '../../src/db/migrate.js';
import { newestInstantQuestion } from '../../src/db/newest-instant.js';
import { ask } from '../../src/db/questions.js';
import { latestSnapshot } from '../../src/db/snapshots.js';
import { pinFacts, wholeFacts } from '../../src/db/pinned-facts.js';
import { standingOf, ticketFacts } from '../../src/db/tickets.js';
import { goodFacts } from '../unit/fixtures/facts-2014.js';
import { createEmptyDatabase, createTestDatabase } from '../support/database.js';
import { codeOf, fill, open, RUN, RUN_ROW, uuid, ticketRow } from '../support/migrated.js';

const MIGRATIONS = readdirSync(new URL('../../migrations', import.meta.url))
  .filter((name) => name.endsWith('.js'))
  .toSorted();

describe('migrations from empty', () => {
  it('apply once, whether asked twice or by two at once', async () => {
    const database = await createEmptyDatabase();
    try {
      const results = await Promise.all([migrateToLatest(database.ownerUrl), migrateToLatest(database.ownerUrl)]);
      expect(results.map((applied) => applied.length).toSorted((a, b) => a - b)).toEqual([0, MIGRATIONS.length]);
      expect(await migrateToLatest(database.ownerUrl)).toEqual([]);
      expect(await migrationState(database.ownerUrl)).toEqual({ applied: MIGRATIONS, missing: [] });
    } finally {
      await database.drop();
    }
  });

  it('refuse a database that another program uses, and change nothing in it', async () => {
    const database = await createEmptyDatabase();
    const db = open(database.ownerUrl);
    try {
      await db.raw('create table somebody_elses (a int)');
      await expect(migrateToLatest(database.ownerUrl)).rejects.toMatchObject({
        kind: 'refused',
        code: 'DATABASE_FOREIGN',
        message: expect.stringContaining('somebody_elses') as string,
      });
      expect(await db('pg_tables').where({ schemaname: 'public' }).pluck('tablename')).toEqual(['somebody_elses']);
    } finally {
      await db.destroy();
      await database.drop();
    }
  });

  it('go on after a migrator that was killed and left its lock behind', async () => {
    const database = await createTestDatabase();
    const db = open(database.ownerUrl);
    try {
      await db('knex_migrations_lock').update({ is_locked: 1 });
      expect(await migrateToLatest(database.ownerUrl)).toEqual([]);
    } finally {
      await db.destroy();
      await database.drop();
    }
  });

  it('apply over a database that has data of the step before', async () => {
    const database = await createEmptyDatabase();
    const db = knex({
      client: 'pg',
      connection: database.ownerUrl,
      pool: { min: 0, max: 1 },
      migrations: { directory: new URL('../../migrations', import.meta.url).pathname, loadExtensions: ['.js'] },
    });
    try {
      for (const name of MIGRATIONS) {
        await db.migrate.up({ name });
        if (name === MIGRATIONS[0])
          await db('accounts' as string).insert({ account: 'main', base_currency: 'GBP', clock: 'real' });
        if (name.includes('audit_and_roles')) await firstVersion(db);
      }
      expect(await db('accounts').select('account', 'base_currency', 'clock')).toEqual([
        { account: 'main', base_currency: 'GBP', clock: 'real' },
      ]);
      // What the first version wrote reads as the later ones mean it: a run of all accounts, an alert about nothing in particular.
      expect(await db('runs').select('run_id', 'slot', 'accounts')).toEqual([
        { run_id: RUN, slot: '0800', accounts: [] },
      ]);
      expect(await db('run_results').select('outcome')).toEqual([{ outcome: 'PASS' }]);
      expect(await db('alerts').select('code', 'subject', 'evidence')).toEqual([
        { code: 'DATA_GATE_FAILED', subject: '', evidence: {} },
      ]);
      // A latch from before keys were of their account is read and goes on.
      expect((await killSwitchEvents(db, 'main')).map(({ event }) => event)).toEqual(['ENGAGED', 'RESET']);
      expect(((await db.raw('select problem from audit_chain_breaks()')) as { rows: unknown[] }).rows).toEqual([]);
      expect((await db('audit_log').select('seq', 'action')).map(({ seq, action }) => `${seq} ${action}`)).toEqual([
        '1 account.opened',
        '2 facts.baseline',
        '3 facts.recorded',
        // From which fact on signatures are wanted.
        '4 facts.recorded',
      ]);
      expect(((await db.raw('select * from fact_breaks()')) as { rows: unknown[] }).rows).toEqual([]);
      await db('accounts' as string).insert({ account: 'other', base_currency: 'GBP', clock: 'real' });
      const turn = { event: 'ENGAGED', reason: 'x', operator: 'ana', at: '2014-06-09T08:00:00Z' } as const;
      const turned = (account: string) => inTransaction(db, (trx) => turnKillSwitch(trx, { ...turn, account }));
      const taken = { ...turn, account: 'other', idempotency_key: 'main/ENGAGED/2' };
      expect(await codeOf(db('kill_switch_events' as string).insert(taken))).toBe('done');
      expect(await codeOf(db('kill_switch_events' as string).insert(taken))).toBe('kill_switch_events_key_uniq');
      expect([await turned('main'), await turned('other')]).toEqual(['main/ENGAGED/2', null]);
      await expect(db.migrate.down()).rejects.toThrow(/forward only/);
    } finally {
      await db.destroy();
      await database.drop();
    }
  });
});

describe('the order of facts', () => {
  const NUMBERING = MIGRATIONS.findIndex((name) => name.includes('facts_sequence'));
  const snapshot = (id: number, at: string) => ({
    snapshot_id: uuid(id),
    account: 'main',
    snapshot_date: '2014-06-06',
    taken_at: at,
    cash: 1,
    operator: 'ana',
    content_hash: 'x',
  });
  const reconciliation = (id: number, status: string, at: string, recordedAt?: string) => ({
    reconciliation_id: uuid(id),
    account: 'main',
    trading_day: '2014-06-09',
    snapshot_id: uuid(id),
    status,
    reasons: status === 'PASS' ? '[]' : '[{"code":"CASH_DRIFT"}]',
    evidence: '{}',
    at,
    operator: 'ana',
    report_path: 'x',
    command_id: String(id),
    ...(recordedAt !== undefined && { recorded_at: recordedAt }),
  });

  it('is told over a filled database by when its facts were recorded, across tables; every trigger stays on', async () => {
    const database = await createEmptyDatabase();
    const db = knex({
      client: 'pg',
      connection: database.ownerUrl,
      pool: { min: 0, max: 1 },
      migrations: { directory: new URL('../../migrations', import.meta.url).pathname, loadExtensions: ['.js'] },
    });
    try {
      for (const name of MIGRATIONS.slice(0, NUMBERING)) await db.migrate.up({ name });
      await fill(db);
      // Recorded out of the order in which they lie: two runs, a rate between them, the reconciliations last.
      await db('runs' as string).insert(
        ['2014-06-09T13:00:00Z', '2014-06-09T07:00:00Z'].map((at, index) => ({
          ...RUN_ROW,
          run_id: uuid(50 + index),
          recorded_at: at,
        })),
      );
      await db('fx_rates' as string).insert({
        source: 'ecb',
        pair: 'GBPUSD',
        date: '2014-06-06',
        rate: 1.68,
        payload_sha256: 'x',
        retrieved_at: '2014-06-09T07:00:00Z',
        recorded_at: '2014-06-09T07:05:00Z',
      });
      await db('snapshots' as string).insert([
        snapshot(1, '2014-06-09T08:00:00Z'),
        snapshot(2, '2014-06-09T08:30:00Z'),
      ]);
      await db('reconciliations' as string).insert([
        reconciliation(1, 'FAIL', '2014-06-09T14:00:00Z', '2014-06-09T14:00:00Z'),
        reconciliation(2, 'PASS', '2014-06-09T14:00:00Z', '2014-06-09T14:00:00Z'),
      ]);
      for (const name of MIGRATIONS.slice(NUMBERING)) await db.migrate.up({ name });
      const order = async (table: string, id: string) =>
        ((await db(table).orderBy('seq').select({ id, seq: 'seq' })) as { id: unknown; seq: string }[]).map((row) => ({
          id: row.id,
          seq: Number(row.seq),
        }));
      const [runs, rates, reconciliations] = [
        await order('runs', 'run_id'),
        await order('fx_rates', 'fx_rate_id'),
        await order('reconciliations', 'reconciliation_id'),
      ];
      expect(runs.map(({ id }) => id)).toEqual([uuid(51), uuid(50)]);
      expect(rates[0]?.seq).toBe((runs[0]?.seq ?? NaN) + 1);
      expect(rates[0]?.seq).toBeLessThan(runs[1]?.seq ?? NaN);
      expect(reconciliations.map(({ id }) => id)).toEqual([uuid(1), uuid(2)]);
      await db('runs' as string).insert({ ...RUN_ROW, run_id: uuid(52), recorded_at: '2000-01-01T00:00:00Z' });
      expect((await order('runs', 'run_id')).at(-1)?.id).toBe(uuid(52));
      expect((await order('runs', 'run_id')).at(-1)?.seq).toBeGreaterThan(reconciliations[1]?.seq ?? NaN);
      expect(
        await codeOf(
          db('runs' as string)
            .where({ run_id: uuid(50) })
            .update({ seq: 1 }),
        ),
      ).toBe('42501');
      const { rows } = (await db.raw(
        `select tgrelid::regclass::text as table from pg_trigger where tgname like '%append_only_trg' and tgenabled <> 'O'`,
      )) as { rows: unknown[] };
      expect(rows).toEqual([]);
    } finally {
      await db.destroy();
      await database.drop();
    }
  });

  it('is given by the database: the application may not choose a number, in any table that has one', async () => {
    const database = await createTestDatabase();
    const [app, owner] = [open(database.appUrl), open(database.ownerUrl)];
    try {
      await fill(owner);
      expect(await codeOf(app('runs' as string).insert({ ...RUN_ROW, seq: 1 }))).toBe('42501');
      expect(await codeOf(app('runs' as string).insert(RUN_ROW))).toBe('done');
      expect(
        await codeOf(
          app.raw(`insert into kill_switch_events (event_id, account, event, reason, operator, at, idempotency_key) overriding system value
        values (1, 'main', 'RESET', 'x', 'ana', now(), 'k')`) as unknown as Promise<unknown>,
        ),
      ).toBe('42501');
      expect(await codeOf(app.raw(`select setval('facts_seq', 1)`) as unknown as Promise<unknown>)).toBe('42501');
      const { rows } = (await app.raw(`
        select c.relname as table, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid and (a.attidentity <> '' or a.attname = 'seq')
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'knex%' and c.relname <> 'audit_log'
           and has_column_privilege(c.oid, a.attnum, 'INSERT')`)) as { rows: unknown[] };
      expect(rows).toEqual([]);
    } finally {
      await app.destroy();
      await owner.destroy();
      await database.drop();
    }
  });

  it('a clock that was two hours ahead and then right: the reconciliation that failed last is the newest', async () => {
    const database = await createTestDatabase();
    const owner = connect(database.ownerUrl, 2);
    try {
      await fill(owner);
      await owner('snapshots' as string).insert([
        snapshot(1, '2014-06-09T10:00:00Z'),
        snapshot(2, '2014-06-09T08:30:00Z'),
      ]);
      await owner('reconciliations' as string).insert(
        reconciliation(1, 'PASS', '2014-06-09T10:00:00Z', '2014-06-09T10:00:00Z'),
      );
      await owner('reconciliations' as string).insert(
        reconciliation(2, 'FAIL', '2014-06-09T08:30:00Z', '2014-06-09T08:30:00Z'),
      );
      expect((await latestSnapshot(owner, 'main'))?.snapshotId).toBe(uuid(2));
      expect(await standingOf(owner, 'main', '2014-06-10')).toMatchObject({ snapshotId: uuid(2) });
      // Until ten o'clock has passed again, the gate `books` knows that the clock is behind.
      expect(await ask(owner, newestInstantQuestion(owner, 'main', 'simulated'))).toEqual({
        what: 'a reconciliation',
        at: '2014-06-09T10:00:00.000Z',
      });
      // What Postgres recorded is long past, so it tells nothing; a fact recorded in an hour from now does.
      expect((await ask(owner, newestInstantQuestion(owner, 'main', 'real')))?.at).toBe('2014-06-09T10:00:00.000Z');
      const [{ ahead }] = (await owner('kill_switch_events' as string)
        .insert({
          account: 'main',
          event: 'ENGAGED',
          reason: 'x',
          operator: 'ana',
          at: '2014-06-09T08:31:00Z',
          idempotency_key: 'k',
          recorded_at: owner.raw(`now() + interval '1 hour'`),
        })
        .returning([owner.raw('recorded_at as ahead')])) as [{ ahead: Date | string }];
      expect(await ask(owner, newestInstantQuestion(owner, 'main', 'real'))).toEqual({
        what: 'a turn of the kill switch',
        at: new Date(ahead).toISOString(),
      });
      expect((await recallDay(owner, { account: 'main', tradingDay: '2014-06-09' })).reconciliation).toMatchObject({
        status: 'FAIL',
        codes: ['CASH_DRIFT'],
      });
    } finally {
      await owner.destroy();
      await database.drop();
    }
  });
});

describe('what companies do, exclusions, newest answers and restated values', () => {
  const FIRST = MIGRATIONS.findIndex((name) => name.includes('valuations_restated'));
  const TOLD = { payload_sha256: 'x', retrieved_at: '2014-06-09T07:00:00Z' };

  it('come to a filled database: what was stored reads as it was meant, new kinds are let in by rule', async () => {
    const database = await createEmptyDatabase();
    const db = knex({
      client: 'pg',
      connection: database.ownerUrl,
      pool: { min: 0, max: 1 },
      migrations: { directory: new URL('../../migrations', import.meta.url).pathname, loadExtensions: ['.js'] },
    });
    const app = open(database.appUrl);
    const query = connect(database.appUrl, 2);
    try {
      for (const name of MIGRATIONS.slice(0, FIRST)) await db.migrate.up({ name });
      await fill(db);
      await before(db);
      const digests = await contentOf(db);
      for (const name of MIGRATIONS.slice(FIRST)) await db.migrate.up({ name });
      expect(await contentOf(db)).toEqual(digests);
      const { rows: off } = (await db.raw(
        `select tgrelid::regclass::text as table from pg_trigger
          where tgname like '%append_only_trg' and tgenabled <> 'O'`,
      )) as { rows: unknown[] };
      expect(off).toEqual([]);

      // Nothing restated, nothing left out, no cost split, the regular dividend, a volume that was told.
      expect(await db('valuations').select('equity', 'restated_because')).toEqual([
        { equity: '1000.00', restated_because: null },
      ]);
      expect(await latestValuation(query, 'main', '2014-06-30')).toMatchObject({ equity: '1000', equityIndex: '1.1' });
      expect(await ask(query, gatesQuestion(query, RUN))).toMatchObject([{ gate: 'data_quality', status: 'FAIL' }]);
      expect((await ask(query, gatesQuestion(query, RUN)))[0]).not.toHaveProperty('exclusions');
      const [entry] = await journal(query, 'main');
      expect(entry).toMatchObject({ kind: 'DIVIDEND', symbol: 'KO' });
      expect(entry).not.toHaveProperty('costShare');
      expect(await listRulings(query)).toEqual([
        expect.objectContaining({ symbol: 'GOOGL', kind: 'DIVIDEND', ruling: 'split', value: '2' }),
      ]);
      expect((await listRulings(query))[0]).not.toHaveProperty('dividendType');
      // Of a dividend that was restated the newest row counts, and is the regular one.
      expect(
        (await listActions(query, { symbols: ['KO'] })).map(({ value, dividendType }) => [value, dividendType]),
      ).toEqual([['0.0305', undefined]]);
      expect(await ask(query, rateQuestion(query, ['ecb'], 'GBPUSD', '2014-06-06'))).toMatchObject({ rate: '1.274' });
      expect(await db('bars').pluck('volume')).toEqual(['0']);
      expect(
        (await storedHistories(query, { source: 'csv', symbols: ['KO'], from: '2014-06-01', to: '2014-06-30' }))
          .histories,
      ).toMatchObject([{ bars: [{ close: '41', volume: '0' }] }]);

      // A ticket's facts, which held their market themselves; the market of later ones is named, and stored once.
      expect(await ticketFacts(query, uuid(90))).toEqual(goodFacts());
      const { facts: own, market, hash } = pinFacts(goodFacts());
      const named = { ticket_id: uuid(91), facts: own, facts_hash: hash, market_hash: market.hash };
      const decided = (values: object) =>
        codeOf(
          app.transaction(async (trx) => {
            await trx('tickets').insert({ ...ticketRow(91), trading_day: '2014-06-10' });
            await trx('ticket_facts').insert({ ...named, ...values });
          }),
        );
      expect(await decided({})).toBe('ticket_facts_market_hash_fkey');
      const pinned = { market_hash: market.hash, market: market.json };
      expect(await codeOf(app('pinned_markets').insert(pinned))).toBe('done');
      expect(await codeOf(app('pinned_markets').insert(pinned))).toBe('pinned_markets_pkey');
      expect(await codeOf(app('pinned_markets').insert({ ...pinned, market_hash: 'x' }))).toBe(
        'pinned_markets_hash_check',
      );
      expect(await decided({ facts: '{"market":{}}' })).toBe('ticket_facts_market_check');
      expect(await decided({})).toBe('done');
      expect(await ticketFacts(query, uuid(91))).toEqual(goodFacts());

      // An earlier value may be told again, and counts; what is told together comes back together.
      const rate = { source: 'ecb', pair: 'GBPUSD', date: '2014-06-06', rate: 1.68, ...TOLD };
      expect(await codeOf(app('fx_rates' as string).insert(rate))).toBe('done');
      expect(await ask(query, rateQuestion(query, ['ecb'], 'GBPUSD', '2014-06-06'))).toMatchObject({ rate: '1.68' });
      const told = (value: string, dividendType?: 'special') => ({
        symbol: 'KO',
        exDate: '2014-06-12',
        kind: 'DIVIDEND' as const,
        value,
        published: value,
        currency: 'USD',
        source: 'csv',
        payload: 0,
        payloadSha256: 'y',
        retrievedAt: '2014-06-13T07:00:00.000Z',
        ...(dividendType && { dividendType }),
      });
      await insertActions(query, [told('0.305'), told('1', 'special')]);
      expect(
        (await listActions(query, { symbols: ['KO'] })).map(({ value, dividendType }) => [value, dividendType]),
      ).toEqual([
        ['0.305', undefined],
        ['1', 'special'],
      ]);

      // The application writes the new columns, and the rules hold for whoever writes.
      const book = (kind: string, values: object = {}, account = 'Equity:Reorganisations') =>
        codeOf(
          app.transaction(async (trx) => {
            const entries = trx('journal_entries' as string);
            const row = { ...ENTRY, kind, idempotency_key: `${kind}${JSON.stringify(values)}${account}`, ...values };
            const [{ entry_id: entryId }] = (await entries.insert(row).returning('entry_id')) as [{ entry_id: number }];
            const line = { entry_id: entryId, commodity: 'KO' };
            await trx('postings' as string).insert([
              { ...line, line_no: 1, ledger_account: 'Assets:Units', amount: '1' },
              { ...line, line_no: 2, ledger_account: account, amount: '-1' },
            ]);
          }),
        );
      for (const kind of ['RENAME', 'CASH_MERGER', 'CASH_IN_LIEU', 'DELISTING', 'INTEREST', 'RETURN_OF_CAPITAL'])
        expect([kind, await book(kind)]).toEqual([kind, 'done']);
      for (const kind of ['SPIN_OFF', 'STOCK_MERGER'])
        expect([kind, await book(kind, { cost_share: '0.25' })]).toEqual([kind, 'done']);
      expect(await book('TAKEOVER')).toBe('journal_entries_kind_check');
      for (const share of ['-0.1', '1.1', 'NaN'])
        expect(await book('SPIN_OFF', { cost_share: share })).toBe('journal_entries_cost_share_check');
      expect(await book('RENAME', { cost_share: '0.25' })).toBe('journal_entries_cost_share_check');
      expect(await book('RENAME', {}, 'Equity:Somewhere')).toBe('postings_ledger_account_check');
      const rule = (values: object) => codeOf(app('action_rulings' as string).insert({ ...RULING, ...values }));
      expect(await rule({ kind: 'JUMP', ruling: 'genuine', value: null })).toBe('done');
      expect(await rule({ kind: 'DIVIDEND', dividend_type: 'special', ruling: 'ignore', value: null })).toBe('done');
      expect(await rule({ kind: 'SPLIT', ruling: 'genuine', value: null })).toBe('action_rulings_ruling_check');
      expect(await rule({ kind: 'JUMP', ruling: 'genuine', value: '2' })).toBe('action_rulings_value_check');
      expect(await rule({ kind: 'SPLIT', dividend_type: 'special', ruling: 'ignore', value: null })).toBe(
        'action_rulings_dividend_type_check',
      );
      const valued = (because: string | null) =>
        codeOf(
          app('valuations' as string).insert({ ...VALUED(), as_of_date: '2014-06-09', restated_because: because }),
        );
      expect(await valued(' ')).toBe('valuations_restated_because_check');
      expect(await valued('a rate was corrected since')).toBe('done');
      expect(
        await codeOf(app('gate_results' as string).insert({ ...JUDGED(), gate: 'calendar', exclusions: '[]' })),
      ).toBe('gate_results_exclusions_check');
      expect(await codeOf(app('bars' as string).insert({ ...BAR, session: '2014-06-09', volume: null }))).toBe('done');
    } finally {
      await query.destroy();
      await app.destroy();
      await db.destroy();
      await database.drop();
    }
  });

  const ENTRY = {
    account: 'main',
    book: 'ledger',
    effective_date: '2014-06-12',
    booked_at: '2014-06-13T09:00:00Z',
    description: 'x',
    symbol: 'KO',
    operator: 'ana',
  };
  const RULING = {
    symbol: 'GOOGL',
    ex_date: '2014-04-03',
    reason: 'class C',
    operator: 'ana',
    ruled_at: '2014-04-09T07:00:00Z',
  };
  const VALUED = () => ({
    account: 'main',
    as_of_date: '2014-06-06',
    run_id: RUN,
    cash: 1000,
    positions_value: 0,
    equity: 1000,
    net_flows: 0,
    equity_index: 1.1,
    peak_index: 1.2,
  });
  const JUDGED = () => ({
    run_id: RUN,
    trading_day: '2014-06-09',
    as_of_date: '2014-06-06',
    gate: 'data_quality',
    status: 'FAIL',
    reasons: '[{"code":"FX_MISSING","subject":null,"message":"x","evidence":{}}]',
    evidence: '{}',
  });
  const BAR = {
    source: 'csv',
    symbol: 'KO',
    session: '2014-06-06',
    basis: 'raw',
    currency: 'USD',
    open: 41,
    high: 41,
    low: 41,
    close: 41,
    volume: 0,
    ...TOLD,
  };

  /** One fact of every table that the migrations change, as the version before them stored it. */
  async function before(db: Knex): Promise<void> {
    await db('runs' as string).insert({ ...RUN_ROW, run_id: RUN });
    const { facts, market, hash } = pinFacts(goodFacts());
    const whole = JSON.stringify(wholeFacts(JSON.parse(facts), JSON.parse(market.json)));
    await db('tickets').insert(ticketRow(90));
    await db('ticket_facts').insert({ ticket_id: uuid(90), facts: whole, facts_hash: hash });
    await db.transaction(async (trx) => {
      const row = { ...ENTRY, kind: 'DIVIDEND', idempotency_key: 'dividend:KO:2014-06-12' };
      const [{ entry_id: entryId }] = (await trx('journal_entries' as string)
        .insert(row)
        .returning('entry_id')) as [{ entry_id: number }];
      const line = { entry_id: entryId, commodity: 'GBP' };
      await trx('postings' as string).insert([
        { ...line, line_no: 1, ledger_account: 'Assets:Cash', amount: '1.50' },
        { ...line, line_no: 2, ledger_account: 'Income:Dividends', amount: '-1.50' },
      ]);
    });
    await db('valuations' as string).insert(VALUED());
    await db('gate_results' as string).insert(JUDGED());
    await db('action_rulings' as string).insert({ ...RULING, kind: 'DIVIDEND', ruling: 'split', value: 2 });
    for (const value of ['0.305', '0.0305'])
      await db('corporate_actions' as string).insert({
        source: 'csv',
        symbol: 'KO',
        ex_date: '2014-06-12',
        kind: 'DIVIDEND',
        value,
        published: value,
        currency: 'USD',
        ...TOLD,
      });
    for (const rate of [1.68, 1.274])
      await db('fx_rates' as string).insert({ source: 'ecb', pair: 'GBPUSD', date: '2014-06-06', rate, ...TOLD });
    await db('bars' as string).insert(BAR);
  }

  /** What the columns of before say, table by table. */
  async function contentOf(db: Knex): Promise<unknown[]> {
    const columns: Record<string, string> = {
      valuations: 'account, as_of_date, equity, equity_index, peak_index, seq',
      journal_entries: 'entry_id, kind, symbol, idempotency_key',
      postings: 'entry_id, line_no, ledger_account, commodity, amount',
      gate_results: 'gate, status, reasons, seq',
      action_rulings: 'ruling_id, symbol, ex_date, kind, ruling, value',
      corporate_actions: 'action_id, symbol, ex_date, kind, value, currency, seq',
      fx_rates: 'fx_rate_id, pair, date, rate, seq',
      bars: 'symbol, session, close, volume, recorded_at',
      ticket_facts: 'ticket_id, facts_hash, facts',
    };
    const found: unknown[] = [];
    for (const [table, names] of Object.entries(columns))
      found.push(((await db.raw(`select ${names} from ${table} order by 1, 2`)) as { rows: unknown[] }).rows);
    return found;
  }
});

/** Facts as the first version of the program left them, after its last migration. */
async function firstVersion(owner: Knex): Promise<void> {
  await owner('config_versions').insert([
    { content_hash: 'a'.repeat(64), kind: 'policy', content: '{}' },
    { content_hash: 'b'.repeat(64), kind: 'universe', content: '[]' },
  ]);
  await owner('runs' as string).insert({ ...RUN_ROW, run_id: RUN, slot: '0800' });
  await owner('run_results').insert({ run_id: RUN, outcome: 'PASS', summary: 'x' });
  await owner('alerts').insert({
    alert_id: uuid(70),
    account: null,
    trading_day: '2014-06-09',
    code: 'DATA_GATE_FAILED',
    message: 'x',
    remedy: 'x',
    dedupe_key: 'x',
    raised_at: '2014-06-09T07:00:00Z',
  });
  await owner('kill_switch_events' as string).insert(
    [
      ['ENGAGED', 'drawdown/main/2014-06-06'],
      ['RESET', 'main/RESET/1'],
    ].map(([event, idempotency_key]) => ({
      account: 'main',
      event,
      reason: 'x',
      operator: 'ana',
      at: '2014-06-09T07:00:00Z',
      idempotency_key,
    })),
  );
  await owner('audit_log').insert({
    at: '2014-06-09T07:00:00Z',
    account: 'main',
    actor: 'ana',
    action: 'account.opened',
    subject: 'main',
    detail: '{}',
  });
}
