import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { Knex } from 'knex';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { renderDay } from '../../src/operations/files/render/day.js';
import { renderQuality } from '../../src/operations/files/render/quality.js';
import { renderReconciliation } from '../../src/operations/files/render/reconciliation.js';
import { renderRun } from '../../src/operations/files/render/run.js';
import { renderTicket } from '../../src/operations/files/render/ticket.js';
import { connect } from '../../src/db/connect.js';
import { bookEntry } from '../../src/db/journal.js';
import { insertReconciliation } from '../../src/db/reconciliations.js';
import { listRenderables } from '../../src/db/renderables.js';
import { depositEntry } from '../../src/domain/ledger/entries.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import * as given from '../unit/artifacts.fixture.js';
import { seedDay } from './artifacts.seed.js';

let database: TestDatabase;
let db: Knex;
let dataDir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  // The application's own role: what renders needs no more rights than the application has.
  db = connect(database.appUrl, 4);
  await seedDay(db);
});
afterAll(async () => {
  await db?.destroy();
  await database?.drop();
});
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'artifacts-'));
  return () => rm(dataDir, { recursive: true, force: true });
});

async function renderEverything(): Promise<string[]> {
  const place = { db, dataDir };
  return [
    ...(await renderRun(place, { runId: given.RUN_0800 })),
    ...(await renderRun(place, { runId: given.RUN_1400 })),
    ...(await renderTicket(place, { ticketId: given.TICKET_ID })),
    ...(await renderReconciliation(place, { reconciliationId: given.RECONCILIATION_ID })),
    ...(await renderDay(place, { account: 'main', tradingDay: given.TRADING_DAY })),
  ];
}

const contents = async (files: string[]) =>
  Object.fromEntries(
    await Promise.all(files.map(async (file) => [file, await readFile(path.join(dataDir, file), 'utf8')] as const)),
  );

const text = async (file: string) => readFile(path.join(dataDir, file), 'utf8');

describe('artifacts from a real database', () => {
  test('every file is written where the contract says', async () => {
    const files = await renderEverything();
    expect(files).toEqual([
      ...['md', 'json', 'html'].map((format) => `artifacts/runs/${given.RUN_0800}/run_summary.${format}`),
      `artifacts/reports/data_quality_${given.AS_OF}_0a1b2c3d.md`,
      ...['md', 'json', 'html'].map((format) => `artifacts/runs/${given.RUN_1400}/run_summary.${format}`),
      `artifacts/signals/${given.AS_OF}.json`,
      ...['md', 'json', 'html'].map((format) => `artifacts/tickets/${given.TICKET_ID}/ticket.${format}`),
      'artifacts/reports/reconcile_2014-06-10_20140610T083000Z.md',
      ...['md', 'html'].map((format) => `artifacts/reports/daily_main_${given.TRADING_DAY}.${format}`),
    ]);
    expect((await readdir(path.join(dataDir, 'artifacts'))).toSorted()).toEqual([
      'reports',
      'runs',
      'signals',
      'tickets',
    ]);
  });

  test('deleted files come back byte for byte', async () => {
    const files = await renderEverything();
    const before = await contents(files);
    await rm(path.join(dataDir, 'artifacts'), { recursive: true });
    await renderEverything();
    expect(await contents(files)).toEqual(before);
  });

  test('they say what the database says', async () => {
    await renderEverything();
    const run = await text(`artifacts/runs/${given.RUN_0800}/run_summary.md`);
    expect(run).toContain('| GOOGL | csv | **FILE_MISSING** | no file &lt;GOOGL.csv> in the drop folder |');
    expect(run).toContain('| main | 2014-06-09 | £5,000.00 | £4,920.88 | £9,920.88 | −0.75 % |');
    expect(run).toContain('a dividend of 567.97 USD on 2014-04-03');
    const day = await text(`artifacts/reports/daily_main_${given.TRADING_DAY}.md`);
    expect(day).toContain('**CLOSED: TRADE**');
    expect(day).toContain(
      '| 2. BUY DIS | £250.00 | $85.48 | **PARTIAL** | 4.1 | $85.52 | £208.67 | +4.7 bps | 14:44 |',
    );
    expect(day).toContain('| AAPL | 59.876544 | $93.70 | £3,338.92 | 33.56 % |');
    expect(day).toContain('£9,947.79');
    expect(await text('artifacts/reports/reconcile_2014-06-10_20140610T083000Z.md')).toContain('RECONCILIATION_PASS');
    expect(JSON.parse(await text(`artifacts/tickets/${given.TICKET_ID}/ticket.json`)).material).toEqual(given.material);
    expect(JSON.parse(await text(`artifacts/signals/${given.AS_OF}.json`)).excluded).toHaveLength(3);
  });

  test('closes before the split are drawn on the scale of those after it', async () => {
    await renderEverything();
    expect(await text(`artifacts/tickets/${given.TICKET_ID}/ticket.md`)).toContain(
      'AAPL: from $84.30 on 2014-04-30 to $93.70 on 2014-06-09',
    );
  });

  test('what is not stored is refused by name, and writes nothing', async () => {
    const place = { db, dataDir };
    const strange = ['00000000-0000-4000-8000-000000000000', '../../etc', 'x'];
    for (const id of strange) {
      await expect(renderRun(place, { runId: id })).rejects.toMatchObject({ code: 'UNKNOWN_ID', kind: 'usage' });
      await expect(renderQuality(place, { runId: id })).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
      await expect(renderTicket(place, { ticketId: id })).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
      await expect(renderReconciliation(place, { reconciliationId: id })).rejects.toMatchObject({ code: 'UNKNOWN_ID' });
      await expect(renderDay(place, { account: id, tradingDay: given.TRADING_DAY })).rejects.toMatchObject({
        code: 'UNKNOWN_ID',
      });
    }
    await expect(renderDay(place, { account: 'main', tradingDay: '2014-06-11' })).rejects.toMatchObject({
      code: 'UNKNOWN_ID',
    });
    await expect(renderDay(place, { account: 'main', tradingDay: 'tomorrow' })).rejects.toMatchObject({
      code: 'UNKNOWN_ID',
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('everything with artifacts is listed for render all', async () => {
    expect((await listRenderables(db)).map(({ kind }) => kind)).toEqual([
      'run',
      'run',
      'ticket',
      'reconciliation',
      'day',
    ]);
  });

  // Last: it adds facts of later days.
  test('later facts change no old file: a restated bar, a new rate, a booking and an alert of another day', async () => {
    const files = await renderEverything();
    const before = await contents(files);
    await db('bars' as string)
      .where({ source: 'csv', symbol: 'AAPL', session: given.AS_OF })
      .update({ close: '93.71' });
    await db('bars').insert({
      source: 'csv',
      symbol: 'DIS',
      session: '2014-06-08',
      basis: 'raw',
      currency: 'USD',
      open: '1',
      high: '1',
      low: '1',
      close: '1',
      volume: '1',
      payload_sha256: 'x',
      retrieved_at: '2014-06-11T00:00:00Z',
    });
    await db('fx_rates').insert({
      source: 'ecb',
      pair: 'GBPUSD',
      date: given.AS_OF,
      rate: '1.7',
      payload_sha256: 'x',
      retrieved_at: '2014-06-11T00:00:00Z',
    });
    await db('corporate_actions').insert({
      source: 'csv',
      symbol: 'DIS',
      ex_date: '2014-06-02',
      kind: 'SPLIT',
      value: '2',
      published: '2',
      payload_sha256: 'x',
      retrieved_at: '2014-06-11T00:00:00Z',
    });
    await db.transaction((trx) =>
      bookEntry(trx, depositEntry({ date: '2014-06-11', baseCurrency: 'GBP', amount: '100' }), {
        account: 'main',
        bookedAt: '2014-06-11T08:00:00Z',
        operator: 'ann',
        idempotencyKey: 'later',
      }),
    );
    await db('alerts').insert({
      alert_id: '77777777-0000-4000-8000-000000000001',
      account: 'main',
      trading_day: '2014-06-11',
      code: 'X',
      message: 'x',
      remedy: 'x',
      dedupe_key: 'x',
      raised_at: '2014-06-11T08:00:00Z',
    });
    await renderEverything();
    expect(await contents(files)).toEqual(before);
  });
});

describe('what an earlier version stored', () => {
  test('a reconciliation of an earlier version renders the command that it was stored with', async () => {
    const own = await createTestDatabase();
    const db = connect(own.appUrl, 2);
    onTestFinished(async () => {
      await db.destroy();
      await own.drop();
    });
    await seedDay(db);
    const { clock: _clock, ...failed } = given.reconciliation('FAIL');
    const store = (reconciliationId: string, explanations: unknown) =>
      insertReconciliation(db, {
        ...failed,
        reconciliationId,
        commandId: reconciliationId,
        reportPath: `artifacts/reports/${reconciliationId}.md`,
        evidence: { ...failed.evidence, explanations: explanations as typeof failed.evidence.explanations },
      });
    const place = { db, dataDir };
    const [early, broken] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    const said = { kind: 'DEPOSIT', subject: null, cash: '100.00', text: 'a deposit of 100.00 GBP' };
    await store(early, [
      {
        ...said,
        command: 'trading-ops cash deposit --amount 100.00 --date 2014-06-10 --account main',
        make: 'make cash -- deposit --amount 100.00 --date 2014-06-10 --account main',
      },
    ]);
    const [file = ''] = await renderReconciliation(place, { reconciliationId: early });
    expect(await text(file)).toContain('\nmake cash -- deposit --amount 100.00 --date 2014-06-10 --account main\n');

    await store(broken, [{ ...said, proposal: { kind: 'SELL_EVERYTHING' } }]);
    await expect(renderReconciliation(place, { reconciliationId: broken })).rejects.toMatchObject({
      kind: 'fault',
      code: 'EVIDENCE_UNREADABLE',
      message: expect.stringContaining(broken),
    });
  });
});
