import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { bookEntry } from '../../src/db/journal.js';
import { recordGates } from '../../src/db/gates.js';
import { killSwitchState, turnKillSwitch } from '../../src/db/kill-switch.js';
import { findRun, insertRun, type Run } from '../../src/db/runs.js';
import { inTransaction } from '../../src/db/transaction.js';
import { ask } from '../../src/db/questions.js';
import { toldQuestion } from '../../src/db/valuations-told.js';
import { newValuations } from '../../src/db/valuations.js';
import { contentHash } from '../../src/domain/hash.js';
import type { GateResult } from '../../src/domain/types.js';
import {
  baselinePositionEntry,
  depositEntry,
  feeEntry,
  openingEntry,
  splitEntry,
  type EntryDraft,
} from '../../src/domain/ledger/entries.js';
import { delistingEntry, renameEntry } from '../../src/domain/ledger/reorganisations.js';
import { openAlerts } from '../../src/db/alerts.js';
import { concludeRun } from '../../src/operations/runs/conclude.js';
import { valuationFaults } from '../../src/operations/ledger/value-again.js';
import { valueLedgers } from '../../src/operations/ledger/value.js';
import { ensureWorkerSealKey } from '../../src/operations/signing/worker-key.js';
import { ACCOUNT, AT, createLedger, policy, type Ledger } from './ledger.fixture.js';

/** What tests store as valued before: a thousand pounds on 27 June, and an index of before splits counted. */
const MADE_UP = /^2014-06-27|equity index 0\.1450|flows -500\.00/;

let ledger: Ledger;
beforeEach(async () => {
  ledger = await createLedger();
});
afterEach(async () => {
  // Whatever a test valued comes out of what was known then; what it made up to go on from is named.
  const told = await ask(ledger.db, toldQuestion(ledger.db));
  const faults = (await valuationFaults(ledger.db, told)).filter(
    ({ asOfDate, problem }) => !MADE_UP.test(`${asOfDate} ${problem}`),
  );
  // And whatever was valued bears a seal that fits what is stored.
  const sealed = told.filter(({ seal }) => seal !== null);
  const { dataDir } = ledger.installation;
  faults.push(
    ...(await valuationFaults(ledger.db, sealed, { again: () => false, dataDir })).filter(({ problem }) =>
      problem.includes('seal'),
    ),
  );
  await ledger.close();
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
});

/** A run whose policy knows these accounts, which are open. */
async function runOf(accounts: string[], changes: Partial<Run> = {}): Promise<string> {
  const { db } = ledger;
  const account = { base_currency: 'GBP' as const, clock: 'simulated' as const };
  const of = { ...policy, accounts: Object.fromEntries(accounts.map((name) => [name, account])) };
  const policyHash = contentHash(of);
  await storeConfiguration(db, 'policy', policyHash, of);
  for (const name of accounts) await openAccount(db, { ...ACCOUNT, account: name }, 'ann', AT);
  const runId = randomUUID();
  await insertRun(db, {
    ...((await findRun(db, ledger.runId)) as Run),
    runId,
    policyHash,
    workflowId: runId,
    ...changes,
  });
  return runId;
}

const book = (account: string, draft: EntryDraft, idempotencyKey: string): Promise<number> =>
  inTransaction(ledger.db, async (trx) => {
    const booking = { account, bookedAt: AT, operator: 'ann', idempotencyKey };
    return (await bookEntry(trx, draft, booking)).entryId;
  });

const open = (account: string, cash: string, positions: Record<string, string>): Promise<number> =>
  book(account, openingEntry({ date: '2014-06-03', baseCurrency: 'GBP', cash, positions }) as EntryDraft, 'opening');

/** What was valued on the day before, at 1000 pounds and an index of 1. */
const valuedBefore = (account: string, lastEntryId: number): Promise<void> =>
  newValuations(ledger.db, [
    {
      account,
      asOfDate: '2014-06-27',
      runId: ledger.runId,
      cash: '1000',
      positionsValue: '0',
      equity: '1000',
      netFlows: '0',
      equityIndex: '1',
      peakIndex: '1',
      fxRate: null,
      lastEntryId,
    },
  ]);

const stepsOf = async (runId: string): Promise<string[]> =>
  (
    await ledger
      .db('run_steps')
      .where({ run_id: runId })
      .orderBy('seq')
      .select<{ step: string; status: string; summary: string }[]>('*')
  ).map(({ step, status, summary }) => `${step} ${status} ${summary}`);

/** How many statements this takes, transactions included. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const listen = () => (count += 1);
  ledger.db.on('query', listen);
  await work();
  ledger.db.removeListener('query', listen);
  return count;
}

describe('valuing the ledgers of a run', { timeout: 60_000 }, () => {
  test('each account has its own books, flows and peak, in the order of the run; a repeat changes nothing', async () => {
    const accounts = ['e-empty', 'd-cash', 'c-held', 'b-unpriced', 'a-fallen', 'f-paid-in'];
    const runId = await runOf(accounts);
    await valuedBefore('d-cash', await open('d-cash', '1000', {}));
    await open('c-held', '1000', { KO: '10', MSFT: '2' });
    await open('b-unpriced', '5', { KO: '1', NOPE: '1' });
    await valuedBefore('a-fallen', await open('a-fallen', '10', { KO: '1' }));
    await valuedBefore('f-paid-in', await open('f-paid-in', '1100', {}));
    const deposit = { date: '2014-06-30', baseCurrency: 'GBP', amount: '500', notes: null };
    await book('f-paid-in', depositEntry(deposit) as EntryDraft, 'deposit');
    // Each position to the penny: 423.60 and 83.40 dollars.
    const held = (1000 + 248.58 + 48.94).toFixed(2);
    const expected = [
      'valuation:e-empty DONE the ledger is empty; nothing to value',
      'valuation:d-cash DONE 1000 GBP at 2014-06-30, index 1',
      `valuation:c-held DONE ${held} GBP at 2014-06-30, index 1`,
      'valuation:b-unpriced FAIL no price or rate of 2014-06-30 for NOPE',
      'valuation:a-fallen DONE 34.86 GBP at 2014-06-30, index 0.03486',
      'valuation:f-paid-in DONE 1600 GBP at 2014-06-30, index 1.1',
    ];
    for (const _ of ['the first time', 'again']) {
      await valueLedgers(ledger.installation, { runId, accounts });
      expect(await stepsOf(runId)).toEqual(expected);
      const rows = await ledger.db('valuations').where({ run_id: runId }).orderBy('seq').select('*');
      expect(rows).toMatchObject([
        { account: 'd-cash', equity: '1000.00', net_flows: '0.00', fx_rate: null },
        { account: 'c-held', equity: held, cash: '1000.00', net_flows: '0.00', fx_rate: '1.704055' },
        { account: 'a-fallen', equity: '34.86', peak_index: '1.0000000000' },
        { account: 'f-paid-in', equity: '1600.00', net_flows: '500.00', fx_rate: null },
      ]);
      expect(await killSwitchState(ledger.db, 'a-fallen')).toMatchObject({ engaged: true });
      expect(await killSwitchState(ledger.db, 'd-cash')).toMatchObject({ engaged: false });
      expect(await ledger.db('alerts').orderBy('seq').select('account', 'code')).toEqual([
        { account: 'b-unpriced', code: 'VALUATION_FAILED' },
        { account: 'a-fallen', code: 'KILL_SWITCH_ENGAGED' },
      ]);
    }
  });

  test('an account whose value cannot be stored fails alone, and says so', async () => {
    const accounts = ['before', 'huge', 'after'];
    const runId = await runOf(accounts);
    await open('before', '1', {});
    await open('huge', '1', { KO: '900000000000000' });
    await open('after', '2', { KO: '1' });
    await expect(valueLedgers(ledger.installation, { runId, accounts })).rejects.toThrow(/numeric field overflow/);
    expect((await ledger.db('valuations').orderBy('seq').select('account')).map((row) => row.account)).toEqual([
      'before',
      'after',
    ]);
    expect((await stepsOf(runId)).map((step) => step.split(' ')[0])).toEqual(['valuation:before', 'valuation:after']);
  });

  test('forty accounts cost as many statements as one', async () => {
    const accounts = Array.from({ length: 40 }, (_, index) => `a${index}`);
    const [few, many] = [await runOf(accounts.slice(0, 1)), await runOf(accounts)];
    for (const account of accounts) await open(account, '1000', { KO: '10' });
    // The run and its configuration are read once and kept.
    for (const runId of [few, many]) await valueLedgers(ledger.installation, { runId, accounts: [] });
    const one = await statementsOf(() =>
      valueLedgers(ledger.installation, { runId: few, accounts: accounts.slice(0, 1) }),
    );
    const all = await statementsOf(() => valueLedgers(ledger.installation, { runId: many, accounts }));
    expect(await stepsOf(many)).toHaveLength(40);
    expect(all).toBe(one);
    // Ledgers with the values before, what is known of the market, prices, and what is written.
    expect(one).toBeLessThanOrEqual(5);
  });
});

describe('a split that prices show', { timeout: 60_000 }, () => {
  const KO_SPLIT = { symbol: 'KO', exDate: '2014-06-30', ratio: '3' };
  const publish = () =>
    ledger.db('corporate_actions').insert({
      source: 'csv',
      symbol: KO_SPLIT.symbol,
      ex_date: KO_SPLIT.exDate,
      kind: 'SPLIT',
      value: KO_SPLIT.ratio,
      published: KO_SPLIT.ratio,
      currency: 'USD',
      payload_sha256: 'f'.repeat(64),
      retrieved_at: AT,
    });
  /** The close before it, in the shares of before it. */
  const pricesOfBefore = () =>
    ledger
      .db('bars')
      .where({ symbol: 'KO' })
      .where('session', '<', KO_SPLIT.exDate)
      .update({ open: '127', high: '127', low: '127', close: '127' } as never);

  test('counts from its ex-date on, booked or not, and once', async () => {
    const accounts = ['unbooked', 'booked', 'set-right'];
    const runId = await runOf(accounts);
    await pricesOfBefore();
    await publish();
    for (const account of accounts) await valuedBefore(account, await open(account, '0', { KO: '10' }));
    const entry = splitEntry({ ...KO_SPLIT, units: '10' }) as EntryDraft;
    await book('booked', entry, 'split:KO:2014-06-30');
    const baseline = {
      date: '2014-07-01',
      baseCurrency: 'GBP',
      symbol: 'KO',
      units: '20',
      cost: null,
      description: 'b',
    };
    await book('set-right', baselinePositionEntry(baseline), 'baseline');
    await valueLedgers(ledger.installation, { runId, accounts });
    const rows = await ledger.db('valuations').where({ run_id: runId }).orderBy('seq').select('*');
    expect(rows.map((row) => [row.account, row.equity, row.net_flows])).toEqual(
      accounts.map((account) => [account, '745.75', '0.00']),
    );
  });
});

describe('a symbol that has no price', { timeout: 60_000 }, () => {
  const outcomeOf = async (runId: string) => concludeRun(ledger.db, { runId });

  test('is named and alerted while it is held; once it was set right the index goes on', async () => {
    const accounts = ['held', 'set-right'];
    const runId = await runOf(accounts);
    await ledger.db('bars').insert({
      source: 'csv',
      symbol: 'FB',
      session: '2014-06-27',
      basis: 'raw',
      currency: 'USD',
      open: '50',
      high: '50',
      low: '50',
      close: '50',
      volume: '1',
      payload_sha256: 'f'.repeat(64),
      retrieved_at: AT,
    });
    await ledger.db('fx_rates').insert({
      source: 'csv',
      pair: 'GBPUSD',
      date: '2014-06-27',
      rate: '2',
      payload_sha256: 'f'.repeat(64),
      retrieved_at: AT,
    });
    for (const account of accounts) await valuedBefore(account, await open(account, '750', { FB: '10' }));
    const baseline = {
      date: '2014-07-01',
      baseCurrency: 'GBP',
      symbol: 'FB',
      units: '-10',
      cost: null,
      description: 'b',
    };
    await book('set-right', baselinePositionEntry(baseline), 'baseline');
    await valueLedgers(ledger.installation, { runId, accounts });
    const rows = await ledger.db('valuations').where({ run_id: runId }).select('*');
    expect(rows).toMatchObject([
      { account: 'set-right', equity: '750.00', net_flows: '-250.00', equity_index: '1.0000000000' },
    ]);
    expect(await ledger.db('alerts').select('account', 'code', 'subject')).toEqual([
      { account: 'held', code: 'VALUATION_FAILED', subject: 'FB' },
    ]);
    expect(await outcomeOf(runId)).toEqual({
      outcome: 'FAIL',
      summary: 'held is not valued: no price or rate of 2014-06-30 for FB',
    });
    const gone = { ...baseline, date: '2014-07-01' };
    await book('held', baselinePositionEntry(gone), 'baseline');
    const again = await runOf(accounts);
    await valueLedgers(ledger.installation, { runId: again, accounts });
    expect((await outcomeOf(again)).outcome).toBe('PASS');
    expect(await openAlerts(ledger.db, 'held')).toEqual([]);
  });
});

describe('a rate that the data gate takes for wrong', { timeout: 60_000 }, () => {
  test('values nothing: the pair is named, once, and no latch falls', async () => {
    const runId = await runOf(['main']);
    await valuedBefore('main', await open('main', '500', { KO: '10', MSFT: '2' }));
    const evidence = { date: '2014-06-30', rate: '1.704055' };
    const jump = { code: 'FX_JUMP_UNEXPLAINED', subject: 'GBPUSD', message: 'is it right?', evidence };
    const run = { runId, tradingDay: '2014-07-01', asOfDate: '2014-06-30' };
    await recordGates(ledger.db, run, null, [{ gate: 'data_quality', status: 'FAIL', reasons: [jump], evidence: {} }]);
    await valueLedgers(ledger.installation, { runId, accounts: ['main'] });
    expect(await stepsOf(runId)).toEqual([
      'valuation:main FAIL GBPUSD of 2014-06-30 is in doubt (FX_JUMP_UNEXPLAINED)',
    ]);
    expect(await ledger.db('alerts').select('code', 'subject')).toEqual([
      { code: 'VALUATION_FAILED', subject: 'GBPUSD' },
    ]);
    expect(await killSwitchState(ledger.db, 'main')).toMatchObject({ engaged: false });
  });
});

const day = (asOfDate: string, tradingDay: string) => ({ asOfDate, tradingDay, at: `${tradingDay}T07:00:00.000Z` });
const rate = (date: string, value: string) =>
  ledger.db('fx_rates').insert({
    source: 'csv',
    pair: 'GBPUSD',
    date,
    rate: value,
    payload_sha256: 'f'.repeat(64),
    retrieved_at: AT,
  });
const rowsOf = (account = 'main') => ledger.db('valuations').where({ account }).orderBy('seq').select('*');
const valueAt = async (accounts: string[], changes: Partial<Run>): Promise<string> => {
  const runId = await runOf(accounts, changes);
  await valueLedgers(ledger.installation, { runId, accounts });
  return runId;
};

describe('a price that waits for a ruling', { timeout: 60_000 }, () => {
  const JUMP = { code: 'PRICE_JUMP_UNEXPLAINED', subject: 'KO', message: 'no split or dividend explains it' };
  const judgedWith = async (run: ReturnType<typeof day>, reasons: (typeof JUMP & { evidence: object })[]) => {
    const runId = await runOf(['holds', 'others'], run);
    const status = reasons.length > 0 ? 'FAIL' : 'PASS';
    const gate = { gate: 'data_quality', status, reasons, evidence: {} } as GateResult;
    await recordGates(ledger.db, { runId, ...run }, null, [gate]);
    await valueLedgers(ledger.installation, { runId, accounts: ['holds', 'others'] });
    return stepsOf(runId);
  };

  test('values nobody who holds it, on that day and later, until it is settled: no fall, no latch', async () => {
    await runOf(['holds', 'others']);
    await valuedBefore('holds', await open('holds', '0', { KO: '10' }));
    await valuedBefore('others', await open('others', '1000', {}));
    const bar = await ledger.db('bars').where({ symbol: 'KO', session: '2014-06-30' }).first();
    const rate = await ledger.db('fx_rates').where({ pair: 'GBPUSD', date: '2014-06-30' }).first();
    const { fx_rate_id: _id, seq: _seq, recorded_at: _at, ...told } = rate as unknown as Record<string, unknown>;
    const { recorded_at: _when, ...figures } = bar as unknown as Record<string, unknown>;
    await ledger.db('bars').insert({ ...figures, session: '2014-07-01' } as never);
    await ledger.db('fx_rates').insert({ ...told, date: '2014-07-01' } as never);
    const jump = { ...JUMP, evidence: { session: '2014-06-30', closeBefore: '211.5', close: '42.3' } };
    const doubt = 'valuation:holds FAIL KO of 2014-06-30 is in doubt (PRICE_JUMP_UNEXPLAINED)';
    for (const run of [day('2014-06-30', '2014-07-01'), day('2014-07-01', '2014-07-02')])
      expect((await judgedWith(run, [jump]))[0]).toBe(doubt);
    expect(await killSwitchState(ledger.db, 'holds')).toMatchObject({ engaged: false });
    expect((await openAlerts(ledger.db, 'holds')).map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'VALUATION_FAILED KO',
    ]);
    expect(await ledger.db('valuations').where({ account: 'others' })).toHaveLength(3);
    // Ruled genuine: now it is a fall, and the switch engages.
    const [settled] = await judgedWith(day('2014-06-30', '2014-07-01'), []);
    expect(settled).toMatch(/^valuation:holds DONE/);
    expect(await killSwitchState(ledger.db, 'holds')).toMatchObject({ engaged: true });
    expect((await openAlerts(ledger.db, 'holds')).map(({ code }) => code)).toEqual(['KILL_SWITCH_ENGAGED']);
  });
});

describe('a series that is adjusted for splits', { timeout: 60_000 }, () => {
  /** As an answer of such a source leaves it: all of it in the shares of its newest close. */
  const answered = async (closes: Record<string, string>, answer: string) => {
    for (const [session, close] of Object.entries(closes)) {
      const figures = { open: close, high: close, low: close, close, payload_sha256: answer.repeat(64) };
      const bar = { source: 'csv', symbol: 'ADJ', session, currency: 'USD', volume: '1', retrieved_at: AT };
      await ledger
        .db('bars')
        .insert({ ...bar, ...figures, basis: 'split' })
        .onConflict(['source', 'symbol', 'session'])
        .merge(figures as never);
    }
  };

  test('counts a split once, before and after it restated its history; a close that was corrected alone is a correction', async () => {
    const dates = ['2014-06-04', '2014-06-05', '2014-06-06', '2014-06-09', '2014-06-10'];
    for (const date of dates) await rate(date, '2');
    await answered({ '2014-06-03': '98', '2014-06-04': '100', '2014-06-05': '102', '2014-06-06': '104' }, 'a');
    await open('main', '0', { ADJ: '10' });
    await valueAt(['main'], day('2014-06-04', '2014-06-05'));
    await valueAt(['main'], day('2014-06-05', '2014-06-06'));
    await valueAt(['main'], day('2014-06-06', '2014-06-09'));
    expect((await rowsOf()).map(({ equity }) => equity)).toEqual(['500.00', '510.00', '520.00']);
    // 4 for 1 on 9 June: told, and the whole history in new shares.
    await ledger.db('corporate_actions').insert({
      source: 'csv',
      symbol: 'ADJ',
      ex_date: '2014-06-09',
      kind: 'SPLIT',
      value: '4',
      published: '4',
      currency: 'USD',
      payload_sha256: 'b'.repeat(64),
      retrieved_at: AT,
    });
    await answered(
      { '2014-06-03': '24.5', '2014-06-04': '25', '2014-06-05': '25.5', '2014-06-06': '26', '2014-06-09': '26.5' },
      'b',
    );
    await valueAt(['main'], day('2014-06-09', '2014-06-10'));
    expect((await rowsOf()).map(({ equity, restated_because: why }) => [equity, why])).toEqual([
      ['500.00', null],
      ['510.00', null],
      ['520.00', null],
      ['530.00', null],
    ]);
    // Another account of the same prices stands at an earlier date: its close shows the split that is still to come.
    await runOf(['earlier']);
    await open('earlier', '0', { ADJ: '10' });
    await valueAt(['earlier'], day('2014-06-06', '2014-06-09'));
    expect((await rowsOf('earlier')).map(({ equity }) => equity)).toEqual(['520.00']);
    // One close of the restated history alone was wrong, in the shares of today.
    await answered({ '2014-06-05': '28', '2014-06-10': '27' }, 'c');
    await valueAt(['main'], day('2014-06-10', '2014-06-11'));
    const because = 'a price or rate of 2014-06-05 was corrected since';
    expect(
      (await rowsOf())
        .slice(4)
        .map((row) => [row.as_of_date, row.equity, Number(row.peak_index), row.restated_because]),
    ).toEqual([
      ['2014-06-05', '560.00', 1.12, because],
      ['2014-06-06', '520.00', 1.12, because],
      ['2014-06-09', '530.00', 1.12, because],
      ['2014-06-10', '540.00', 1.12, null],
    ]);
    expect(await killSwitchState(ledger.db, 'main')).toMatchObject({ engaged: false });
  });
});

describe('a rename', { timeout: 60_000 }, () => {
  test('brings along a split that nobody booked, whichever name it is told under', async () => {
    for (const date of ['2014-06-06', '2014-06-09', '2014-06-10']) await rate(date, '2');
    // As if AAPL, which was split 7 for 1 on 9 June, were called NEW from the day after.
    await ledger.db
      .raw(`insert into bars (source, symbol, session, basis, currency, open, high, low, close, volume, payload_sha256, retrieved_at)
      select source, 'NEW', session, basis, currency, open, high, low, close, volume, payload_sha256, retrieved_at
        from bars where symbol = 'AAPL' and session >= '2014-06-10'`);
    await open('main', '0', { AAPL: '10' });
    await valueAt(['main'], day('2014-06-06', '2014-06-09'));
    await valueAt(['main'], day('2014-06-09', '2014-06-10'));
    const renamed = { date: '2014-06-10', baseCurrency: 'GBP', symbol: 'AAPL', to: 'NEW', units: '10' };
    await book('main', renameEntry(renamed), 'rename:AAPL:2014-06-10');
    await valueAt(['main'], day('2014-06-10', '2014-06-11'));
    const closes = await ledger
      .db('bars')
      .where({ symbol: 'AAPL' })
      .whereIn('session', ['2014-06-06', '2014-06-09', '2014-06-10'])
      .orderBy('session')
      .pluck('close');
    const [before, first, second] = closes.map(Number) as [number, number, number];
    expect((await rowsOf()).map(({ equity }) => equity)).toEqual(
      [10 * before, 70 * first, 70 * second].map((dollars) => (dollars / 2).toFixed(2)),
    );
    expect((await rowsOf()).every(({ restated_because: why }) => why === null)).toBe(true);
  });
});

describe('a whole loss', { timeout: 60_000 }, () => {
  test('is one latch that a human releases; the next money begins a new index, and nothing divides by nothing', async () => {
    const days = [
      ['2014-06-06', '2014-06-09'],
      ['2014-06-09', '2014-06-10'],
      ['2014-06-10', '2014-06-11'],
      ['2014-06-11', '2014-06-12'],
      ['2014-06-12', '2014-06-13'],
    ] as const;
    for (const [date] of days) await rate(date, '2');
    await open('main', '0', { KO: '10' });
    const [first, second, third, fourth, fifth] = days.map(([asOf, today]) => day(asOf, today));
    await valueAt(['main'], first!);
    const gone = { date: '2014-06-09', baseCurrency: 'GBP', symbol: 'KO', units: '10', cash: null };
    await book('main', delistingEntry(gone), 'delisting:KO:2014-06-09');
    // Whoever writes rows may have taken the key of every turn to come.
    await openAccount(ledger.db, { ...ACCOUNT, account: 'other' }, 'ann', AT);
    for (const key of ['drawdown/main/2014-06-09', 'drawdown/main/2014-06-12', 'main/ENGAGED/0', 'main/ENGAGED/2'])
      await ledger.db('kill_switch_events').insert({
        account: 'other',
        event: 'ENGAGED',
        reason: 'taken',
        operator: 'system',
        at: AT,
        idempotency_key: key,
      });
    await valueAt(['main'], second!);
    const latches = () => ledger.db('kill_switch_events').where({ account: 'main' }).orderBy('seq').pluck('event');
    expect(await latches()).toEqual(['ENGAGED']);
    expect((await killSwitchState(ledger.db, 'main')).reason).toBe(
      'drawdown of 100.00 % at 2014-06-09, from the peak at 2014-06-06, limit 20 %',
    );
    const reset = { account: 'main', event: 'RESET' as const, reason: 'the loss is accepted', operator: 'ann', at: AT };
    await inTransaction(ledger.db, (trx) => turnKillSwitch(trx, reset));
    await valueAt(['main'], third!);
    expect(await latches()).toEqual(['ENGAGED', 'RESET']);
    const deposit = { date: '2014-06-11', baseCurrency: 'GBP', amount: '500', notes: null };
    await book('main', depositEntry(deposit), 'deposit');
    await valueAt(['main'], fourth!);
    await book('main', feeEntry({ ...deposit, date: '2014-06-12', amount: '150' }), 'fee');
    await valueAt(['main'], fifth!);
    expect((await rowsOf()).map((row) => [row.equity, Number(row.equity_index), Number(row.peak_index)])).toEqual([
      [expect.any(String), 1, 1],
      ['0.00', 0, 1],
      ['0.00', 0, 0],
      ['500.00', 1, 1],
      ['350.00', 0.7, 1],
    ]);
    expect(await latches()).toEqual(['ENGAGED', 'RESET', 'ENGAGED']);
    expect((await killSwitchState(ledger.db, 'main')).reason).toBe(
      'drawdown of 30.00 % at 2014-06-12, from the peak at 2014-06-11, limit 20 %',
    );
  });
});

describe('a valuation that was stored wrong', { timeout: 60_000 }, () => {
  const closeOf = async (session: string, symbol = 'AAPL'): Promise<number> =>
    Number((await ledger.db('bars').where({ symbol, session }).first('close'))?.close);

  test('is restated by a row that says why: an uncounted split, and a rate that was put right', async () => {
    for (const date of ['2014-06-06', '2014-06-09', '2014-06-10', '2014-06-11']) await rate(date, '2');
    const entryId = await open('main', '0', { AAPL: '10' });
    const value = (changes: Partial<Run>) => valueAt(['main'], changes);
    await value(day('2014-06-06', '2014-06-09'));
    const [first] = await rowsOf();
    expect(Number(first?.equity)).toBeCloseTo((10 * (await closeOf('2014-06-06'))) / 2, 2);
    // As it was stored before splits counted: ten units at a seventh of the price.
    const wrong = await runOf(['main'], day('2014-06-09', '2014-06-10'));
    const falseEquity = (5 * (await closeOf('2014-06-09'))).toFixed(2);
    await newValuations(ledger.db, [
      {
        account: 'main',
        asOfDate: '2014-06-09',
        runId: wrong,
        cash: '0',
        positionsValue: falseEquity,
        equity: falseEquity,
        netFlows: '0',
        equityIndex: '0.145',
        peakIndex: '1',
        fxRate: '2',
        lastEntryId: entryId,
      },
    ]);
    const third = await value(day('2014-06-10', '2014-06-11'));
    const [, , restated, now] = await rowsOf();
    expect(restated).toMatchObject({
      run_id: third,
      as_of_date: '2014-06-09',
      restated_because: 'the split of AAPL, ex-date 2014-06-09, was not in it',
      equity: (35 * (await closeOf('2014-06-09'))).toFixed(2),
    });
    const index = (closeThen: number, closeBefore: number) => (7 * closeThen) / closeBefore;
    const start = await closeOf('2014-06-06');
    expect(Number(restated?.equity_index)).toBeCloseTo(index(await closeOf('2014-06-09'), start), 6);
    expect(Number(now?.equity_index)).toBeCloseTo(index(await closeOf('2014-06-10'), start), 6);
    expect(now?.restated_because).toBeNull();
    expect(await killSwitchState(ledger.db, 'main')).toMatchObject({ engaged: false });
    expect((await stepsOf(third))[0]).toContain('restated 2014-06-09, the first to');

    // A rate of the day before is put right: what stood on it is restated, once.
    await rate('2014-06-10', '1.6');
    await value(day('2014-06-11', '2014-06-12'));
    const rows = await rowsOf();
    expect(rows.slice(4).map((row) => [row.as_of_date, row.restated_because])).toEqual([
      ['2014-06-10', 'a price or rate of 2014-06-10 was corrected since'],
      ['2014-06-11', null],
    ]);
    expect(Number(rows[4]?.equity)).toBeCloseTo((70 * (await closeOf('2014-06-10'))) / 1.6, 2);
    await value(day('2014-06-11', '2014-06-12'));
    expect(await rowsOf()).toHaveLength(7);
    expect(await ledger.db('audit_log').where({ action: 'valuation.restated' }).pluck('subject')).toEqual([
      '2014-06-09',
      '2014-06-10',
    ]);
  });

  test('by a close that stood for a moment, under another basis, is restated by the one that came back', async () => {
    for (const date of ['2014-06-06', '2014-06-09', '2014-06-10']) await rate(date, '2');
    const entryId = await open('main', '0', { KO: '100' });
    const value = (changes: Partial<Run>) => valueAt(['main'], changes);
    await value(day('2014-06-06', '2014-06-09'));
    const forger = await runOf(['main'], day('2014-06-09', '2014-06-10'));
    const { db } = ledger;
    const bar = () => db('bars').where({ symbol: 'KO', session: '2014-06-09' });
    const [was] = await bar().select('open', 'high', 'low', 'close', 'basis');
    const low = '0.0000001';
    await bar().update({ open: low, high: low, low, close: low, basis: 'split' } as never);
    await newValuations(db, [
      {
        account: 'main',
        asOfDate: '2014-06-09',
        runId: forger,
        cash: '0',
        positionsValue: '0',
        equity: '0',
        netFlows: '0',
        equityIndex: '0',
        peakIndex: '1',
        fxRate: '2',
        lastEntryId: entryId,
      },
    ]);
    await bar().update(was as never);
    await value(day('2014-06-10', '2014-06-11'));
    const rows = (await rowsOf()).slice(2);
    const index = async (date: string) => (await closeOf(date, 'KO')) / (await closeOf('2014-06-06', 'KO'));
    expect(rows.map((row) => [row.as_of_date, row.restated_because])).toEqual([
      ['2014-06-09', 'a price or rate of 2014-06-09 was corrected since'],
      ['2014-06-10', null],
    ]);
    for (const row of rows) expect(Number(row.equity_index)).toBeCloseTo(await index(row.as_of_date), 6);
  });

  test('is by the worker or told, however well it comes out of what stood for a moment', async () => {
    for (const date of ['2014-06-06', '2014-06-09', '2014-06-10']) await rate(date, '2');
    const entryId = await open('main', '0', { KO: '100' });
    await valueAt(['main'], day('2014-06-06', '2014-06-09'));
    const forger = await runOf(['main'], day('2014-06-09', '2014-06-10'));
    const { db, installation } = ledger;
    const bar = () => db('bars').where({ symbol: 'KO', session: '2014-06-09' });
    const [was] = await bar().select('open', 'high', 'low', 'close');
    const low = '0.0000001';
    await bar().update({ open: low, high: low, low, close: low } as never);
    const forged = {
      account: 'main',
      asOfDate: '2014-06-09',
      runId: forger,
      cash: '0',
      positionsValue: '0',
      equity: '0',
      netFlows: '0',
      equityIndex: '0',
      peakIndex: '1',
      fxRate: '2',
      lastEntryId: entryId,
    };
    await newValuations(db, [forged]);
    await bar().update(was as never);
    const faults = async (place: { dataDir?: string }) =>
      (await valuationFaults(db, await ask(db, toldQuestion(db)), place)).map(
        ({ asOfDate, problem }) => `${asOfDate} ${problem}`,
      );
    expect(await faults({})).toEqual([]);
    expect(await faults({ dataDir: installation.dataDir })).toEqual([
      '2014-06-09 it was not written by the worker: its seal is none',
    ]);
    // Another installation's worker has another key, and before it has sealed anything nothing is asked of it.
    const other = mkdtempSync(join(tmpdir(), 'other-'));
    ensureWorkerSealKey(other);
    expect(await faults({ dataDir: other })).toEqual([]);
  });

  test('is valued again whatever splits were told of since that nobody counts', async () => {
    for (const date of ['2014-06-06', '2014-06-09']) await rate(date, '2');
    const entryId = await open('main', '0', { KO: '100' });
    const split = (source: string, exDate: string) =>
      ledger.db('corporate_actions').insert({
        source,
        symbol: 'KO',
        ex_date: exDate,
        kind: 'SPLIT',
        value: '1',
        published: '1',
        currency: 'USD',
        payload_sha256: 'b'.repeat(64),
        retrieved_at: AT,
      });
    await valueAt(['main'], day('2014-06-06', '2014-06-09'));
    await split('csv', '2014-02-05');
    const forger = await runOf(['main'], day('2014-06-09', '2014-06-10'));
    const worth = async (date: string) => ((100 * (await closeOf(date, 'KO'))) / 2).toFixed(2);
    const equity = await worth('2014-06-09');
    const index = ((Number(equity) + 500) / Number(await worth('2014-06-06'))).toFixed(10);
    await newValuations(ledger.db, [
      {
        account: 'main',
        asOfDate: '2014-06-09',
        runId: forger,
        cash: '0',
        positionsValue: equity,
        equity,
        netFlows: '-500',
        equityIndex: index,
        peakIndex: index,
        fxRate: '2',
        lastEntryId: entryId,
      },
    ]);
    await split('zz', '1990-01-02');
    await split('csv', '2014-02-04');
    const faults = await valuationFaults(ledger.db, await ask(ledger.db, toldQuestion(ledger.db)));
    expect(faults.map(({ problem }) => problem)).toEqual(["flows -500.00, and the ledger's are 0.00"]);
  });

  test('again on the day of a reset keeps the loss accepted, also after closes of before were corrected', async () => {
    for (const date of ['2014-06-05', '2014-06-06', '2014-06-09', '2014-06-10']) await rate(date, '2');
    const closeOn = (session: string, close: string) =>
      ledger
        .db('bars')
        .where({ symbol: 'KO', session })
        .update({ open: close, high: close, low: close, close } as never);
    await closeOn('2014-06-05', '40');
    await closeOn('2014-06-06', '30');
    await closeOn('2014-06-09', '31');
    await open('main', '0', { KO: '100' });
    const value = (changes: Partial<Run>) => valueAt(['main'], changes);
    await value(day('2014-06-05', '2014-06-06'));
    await value(day('2014-06-06', '2014-06-09'));
    expect(await killSwitchState(ledger.db, 'main')).toMatchObject({ engaged: true });
    const reset = { account: 'main', event: 'RESET' as const, reason: 'the loss is accepted', operator: 'ann', at: AT };
    await inTransaction(ledger.db, (trx) => turnKillSwitch(trx, reset));
    // As `data-quality` does it: the same date, from the same close.
    await value(day('2014-06-06', '2014-06-09'));
    expect(await killSwitchState(ledger.db, 'main')).toMatchObject({ engaged: false });
    await value(day('2014-06-09', '2014-06-10'));
    const peaks = async () => (await rowsOf()).map((row) => [row.as_of_date, Number(row.peak_index)]);
    expect((await peaks()).slice(1)).toEqual([
      ['2014-06-06', 1],
      ['2014-06-06', 0.75],
      ['2014-06-09', 0.775],
    ]);
    await closeOn('2014-06-05', '41');
    await closeOn('2014-06-06', '29');
    await value(day('2014-06-10', '2014-06-11'));
    expect((await peaks()).slice(4, 6)).toEqual([
      ['2014-06-05', 1],
      ['2014-06-06', Number((29 / 41).toFixed(10))],
    ]);
  });

  test('by more than the next one knew, of a late run, makes no fall; nor does what is gone', async () => {
    for (const date of ['2014-06-05', '2014-06-06', '2014-06-09']) await rate(date, '2');
    const closeOn = (session: string, close: string) =>
      ledger
        .db('bars')
        .where({ symbol: 'KO', session })
        .update({ open: close, high: close, low: close, close } as never);
    await ledger.db.raw(`insert into bars
          (source, symbol, session, basis, currency, open, high, low, close, volume, payload_sha256, retrieved_at)
      select source, 'OLD', session, basis, currency, open, high, low, close, volume, payload_sha256, retrieved_at
        from bars where symbol = 'KO' and session <= '2014-06-06'`);
    await open('main', '0', { KO: '100', OLD: '1' });
    const value = (changes: Partial<Run>) => valueAt(['main'], changes);
    const [first, second, third] = [
      day('2014-06-04', '2014-06-05'),
      day('2014-06-05', '2014-06-06'),
      day('2014-06-06', '2014-06-09'),
    ];
    await rate('2014-06-04', '2');
    await value(first);
    await value(third);
    const deposit = { date: '2014-06-09', baseCurrency: 'GBP', amount: '5000', notes: null };
    await book('main', depositEntry(deposit) as EntryDraft, 'deposit');
    await value(second);
    await closeOn('2014-06-05', '42');
    const gone = { date: '2014-06-09', baseCurrency: 'GBP', symbol: 'OLD', units: '-1', cost: null };
    await book('main', baselinePositionEntry({ ...gone, description: 'it is gone' }), 'gone');
    await value(day('2014-06-09', '2014-06-10'));
    const indexes = (await rowsOf()).map((row) => Number(row.equity_index));
    expect(Math.min(...indexes)).toBeGreaterThan(0.8);
    expect(await killSwitchState(ledger.db, 'main')).toMatchObject({ engaged: false });
    // The price at which it was taken out is corrected: what was known then is known no more.
    await ledger
      .db('bars')
      .where({ symbol: 'MSFT', session: '2014-06-06' })
      .update({ close: '50' } as never);
  });

  test('a fall is measured from the date on which the index stood highest', async () => {
    for (const date of ['2014-06-06', '2014-06-09', '2014-06-10']) await rate(date, '2');
    await open('main', '0', { KO: '100' });
    for (const [asOfDate, tradingDay, close] of [
      ['2014-06-06', '2014-06-09', '40'],
      ['2014-06-09', '2014-06-10', '50'],
      ['2014-06-10', '2014-06-11', '39'],
    ] as const) {
      const prices = { open: close, high: close, low: close, close } as never;
      await ledger.db('bars').where({ symbol: 'KO', session: asOfDate }).update(prices);
      const runId = await runOf(['main'], day(asOfDate, tradingDay));
      await valueLedgers(ledger.installation, { runId, accounts: ['main'] });
    }
    expect((await killSwitchState(ledger.db, 'main')).reason).toBe(
      'drawdown of 22.00 % at 2014-06-10, from the peak at 2014-06-09, limit 20 %',
    );
  });
});
