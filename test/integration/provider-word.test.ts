import { randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listActions } from '../../src/db/actions.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { connect } from '../../src/db/connect.js';
import { loadMarketFacts } from '../../src/db/market-facts.js';
import { insertRun } from '../../src/db/runs.js';
import { addSessions, asOfDate, sessionsBetween } from '../../src/domain/calendar/calendar.js';
import { scoreUniverse } from '../../src/domain/decision/scoring.js';
import { assessQuality } from '../../src/domain/market/index.js';
import { policySchema } from '../../src/domain/policy/policy.js';
import type { UniverseRow } from '../../src/domain/types.js';
import { fetchPricesUnder } from '../../src/operations/market/fetch-prices.js';
import { fetchRatesUnder } from '../../src/operations/market/fetch-rates.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Goal: whatever a provider says is judged before it counts, and its newest word counts. Files come day by day. */
const HASH = '0'.repeat(64);
let database: TestDatabase;
let db: Knex;
let dataDir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  db = connect(database.appUrl);
  await storeConfiguration(db, 'policy', HASH, {});
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'word-'));
  mkdirSync(path.join(dataDir, 'data/drop'), { recursive: true });
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const policyWith = (marketData: object = {}, base = 'GBP') =>
  policySchema.parse({
    version: 1,
    accounts: { main: { base_currency: base, clock: 'simulated' } },
    operators: ['ann'],
    market_data: { provider: 'csv', fx_provider: 'csv', history_sessions: 90, ...marketData },
  });
const policy = policyWith();
const drop = (name: string, text: string) => writeFileSync(path.join(dataDir, 'data/drop', name), text);
let counter = 0;
const fresh = () => `W${++counter}`;

async function newRun(tradingDay: string) {
  const run = { runId: randomUUID(), tradingDay, asOfDate: asOfDate(tradingDay) };
  await insertRun(db, {
    ...run,
    slot: 'ops',
    at: `${tradingDay}T07:00:00Z`,
    workflowId: 'test',
    operator: 'ann',
    policyHash: HASH,
    universeHash: HASH,
  });
  return run;
}
/** Fetches as on the trading day after `session`. */
async function fetched(session: string, symbols: string[], given = policy, full = false) {
  const run = await newRun(addSessions(session, 1));
  return (await fetchPricesUnder({ db, dataDir, env: {} }, { ...run, symbols, policy: given, full })).outcomes;
}
async function fetchedRates(session: string, given = policy, pair = 'GBPUSD') {
  const run = await newRun(addSessions(session, 1));
  return fetchRatesUnder({ db, dataDir, env: {} }, { ...run, pair, policy: given });
}
const rowOf = (internalSymbol: string): UniverseRow => ({
  internalSymbol,
  etoroSearchName: internalSymbol,
  name: internalSymbol,
  kind: 'stock',
  listingCurrency: 'USD',
  tradable: true,
  enabled: true,
  verifiedOn: '2013-01-02',
  verifiedBy: 'ann',
});
async function judged(session: string, symbols: string[], { given = policy, pair = null as string | null } = {}) {
  const market = await loadMarketFacts(db, { policy: given, asOfDate: session, symbols, pair });
  const gate = assessQuality(market, symbols.map(rowOf), symbols, given, pair !== null);
  return { market, codes: gate.reasons.map(({ code, subject }) => `${code} ${subject}`), gate };
}

const END = '2014-03-17';
const SESSIONS = sessionsBetween(addSessions(END, -99), END);
/** A stock that rises by a fraction of a percent a day. */
const closeOf = (index: number) => 30 + 0.05 * index;
const series = (scale: (session: string) => number, decimals = 4) =>
  SESSIONS.map((session, index) => ({ session, close: (closeOf(index) * scale(session)).toFixed(decimals) }));
const stooq = (
  rows: { session: string; close: string; volume?: number }[],
  header = 'Date,Open,High,Low,Close,Volume',
) =>
  [
    header,
    ...rows.map(({ session, close, volume = 30_000_000 }) => [session, close, close, close, close, volume].join(',')),
  ]
    .join('\n')
    .concat('\n');
const until = (session: string) => (row: { session: string }) => row.session <= session;

describe('the newest answer', () => {
  it('of a rate counts, also when it returns to an earlier value, and each change is told as restated', async () => {
    const pair = 'GBPUSD';
    const told = [];
    for (const rate of ['1.6688', '1.2740', '1.6688', '1.6688']) {
      drop('GBPUSD.csv', `Date,Close\n2014-02-27,1.6670\n2014-02-28,${rate}\n`);
      told.push((await fetchedRates('2014-02-28')).outcome);
    }
    expect(told.map(({ rowsNew, rowsRevised }) => [rowsNew, rowsRevised])).toEqual([
      [2, 0],
      [0, 1],
      [0, 1],
      [0, 0],
    ]);
    const { fx } = await loadMarketFacts(db, { policy, asOfDate: '2014-02-28', symbols: [], pair });
    expect(fx).toMatchObject({ rate: '1.6688', date: '2014-02-28' });
  });

  it('of a dividend and of a split counts, also when it returns to an earlier value', async () => {
    const symbol = fresh();
    drop(`${symbol}.csv`, stooq(series(() => 1)));
    const told = [];
    for (const [amount, ratio] of [
      ['0.305', '2'],
      ['0.0305', '3'],
      ['0.305', '2'],
      ['0.3050', '2.0'],
    ]) {
      drop('dividends.csv', `Symbol,ExDate,Amount,Currency\n${symbol},2014-03-12,${amount},USD\n`);
      drop('splits.csv', `Symbol,ExDate,SplitCoefficient\n${symbol},2014-03-12,${ratio}\n`);
      const [outcome] = await fetched(END, [symbol]);
      const actions = await listActions(db, { source: 'csv', symbols: [symbol] });
      told.push([outcome?.rowsRevised, ...actions.map(({ kind, value }) => `${kind} ${value}`)]);
    }
    expect(told).toEqual([
      [0, 'DIVIDEND 0.305', 'SPLIT 2'],
      [2, 'DIVIDEND 0.0305', 'SPLIT 3'],
      [2, 'DIVIDEND 0.305', 'SPLIT 2'],
      [0, 'DIVIDEND 0.305', 'SPLIT 2'],
    ]);
    const { market } = await judged(END, [symbol]);
    expect(market.fetches[0]?.findings).toEqual([]);
  });

  it('of two dividends of one ex-date are both, and one that is left out later is gone', async () => {
    const symbol = fresh();
    drop(`${symbol}.csv`, stooq(series(() => 1)));
    const values = async () => (await listActions(db, { source: 'csv', symbols: [symbol] })).map(({ value }) => value);
    const line = (amount: string) => `${symbol},2014-03-12,${amount},USD\n`;
    drop('dividends.csv', `Symbol,ExDate,Amount,Currency\n${line('0.305')}${line('1.00')}`);
    await fetched(END, [symbol]);
    expect(await values()).toEqual(['0.305', '1']);
    drop('dividends.csv', `Symbol,ExDate,Amount,Currency\n${line('0.305')}`);
    const [outcome] = await fetched(END, [symbol]);
    expect([outcome?.rowsRevised, ...(await values())]).toEqual([1, '0.305']);
  });
});

describe('rates are judged as bars are', () => {
  // Each case has a currency of its own: rates of one pair would be restated by the next case.
  const rates = (last: string[], header = 'Date,Open,High,Low,Close') =>
    [
      header,
      ...SESSIONS.slice(-20, -1).map((date, index) => {
        const rate = (1.66 + (index % 5) / 1000 + 0.000111).toFixed(6);
        return [date, rate, rate, rate, rate].join(',');
      }),
      ...last,
    ].join('\n');

  it.each([
    [
      'a figure that breaks off behind its point',
      'GBPAAA',
      `${END},1.664788,1.664788,1.664788,1.`,
      ['FX_MISSING', 'FX_INVALID'],
    ],
    [
      'a figure that breaks off behind one decimal',
      'GBPAAB',
      `${END},1.664788,1.664788,1.664788,1.6`,
      ['FX_MISSING', 'FX_INVALID'],
    ],
    ['a close above its own high', 'GBPAAC', `${END},1.66,1.67,1.65,1.76\n`, ['FX_MISSING', 'FX_INVALID']],
    [
      'two rows of one date',
      'GBPAAD',
      `${END},1.66,1.66,1.66,1.66\n${END},2.5,2.5,2.5,2.5\n`,
      ['FX_MISSING', 'FX_DUPLICATE'],
    ],
    ['a jump', 'GBPAAE', `${END},2.5,2.5,2.5,2.5\n`, ['FX_JUMP_UNEXPLAINED']],
    ['the same row twice', 'GBPAAF', `${END},1.66,1.66,1.66,1.66\n${END},1.66,1.66,1.66,1.66\n`, []],
    ['a pound that falls by 8 % in a day', 'GBPAAG', `${END},1.53,1.53,1.53,1.53\n`, []],
  ])('%s', async (_, pair, last, codes) => {
    drop(`${pair}.csv`, rates([last]));
    await fetchedRates(END, policy, pair);
    expect((await judged(END, [], { pair })).codes.filter((code) => code.startsWith('FX'))).toEqual(
      codes.map((code) => `${code} ${code === 'FX_MISSING' ? 'null' : pair}`),
    );
  });

  it('a second source fills a day without a first rate, and confirms a jump that both show', async () => {
    const pair = 'GBPBBB';
    const both = policyWith({ fx_provider: 'ecb', second_fx_provider: 'csv' });
    const insert = (source: string, date: string, rate: string) =>
      db('fx_rates').insert({ source, pair, date, rate, payload_sha256: HASH, retrieved_at: '2014-03-17T07:00:00Z' });
    const [before, last] = SESSIONS.slice(-2) as [string, string];
    for (const source of ['ecb', 'csv']) await insert(source, SESSIONS.at(-3) as string, '1.66');
    await insert('ecb', before, '2.5');
    expect((await judged(before, [], { given: both, pair })).codes).toContain(`FX_JUMP_UNEXPLAINED ${pair}`);
    await insert('csv', before, '2.49');
    expect((await judged(before, [], { given: both, pair })).codes).not.toContain(`FX_JUMP_UNEXPLAINED ${pair}`);
    await insert('csv', last, '2.48');
    const { market, codes } = await judged(last, [], { given: both, pair });
    expect([market.fx, codes.filter((code) => code.startsWith('FX'))]).toEqual([
      { pair, date: last, rate: '2.48', source: 'csv' },
      [],
    ]);
    expect((await judged(last, [], { given: policyWith({ fx_provider: 'ecb' }), pair })).market.fx).toBeNull();
  });
});

describe('an answer and what is stored', () => {
  it('a history restated by a split is fetched whole, and the stored one is the file', async () => {
    const symbol = fresh();
    const [before] = SESSIONS.slice(-2) as [string];
    drop(`${symbol}.csv`, stooq(series(() => 1).filter(until(before))));
    await fetched(before, [symbol]);
    const restated = series(() => 1 / 1.5);
    drop(`${symbol}.csv`, stooq(restated));
    const [outcome] = await fetched(END, [symbol]);
    const { market, codes } = await judged(END, [symbol]);
    expect([outcome?.status, outcome?.rowsNew, codes]).toEqual(['OK', 1, []]);
    const stored = await db('bars').where({ source: 'csv', symbol }).orderBy('session').select('session', 'close');
    const offered = restated.filter(({ session }) => session >= (stored[0] as { session: string }).session);
    expect(stored.map(({ close }) => Number(close))).toEqual(offered.map(({ close }) => Number(close)));
    expect(scoreUniverse([rowOf(symbol)], market, 'momentum')[0]?.score).toMatch(/^0\.0/);
  });

  it('a restated history that does not reach back is refused, and nothing of it stored', async () => {
    const symbol = fresh();
    const [before] = SESSIONS.slice(-2) as [string];
    drop(`${symbol}.csv`, stooq(series(() => 1).filter(until(before))));
    await fetched(before, [symbol]);
    drop(`${symbol}.csv`, stooq(series(() => 1 / 1.5).slice(-15)));
    const [outcome] = await fetched(END, [symbol]);
    expect(outcome).toMatchObject({ status: 'FAILED', code: 'HISTORY_RESTATED', rowsRevised: 0 });
    expect((await judged(END, [symbol])).codes).toContain(`HISTORY_RESTATED ${symbol}`);
  });

  it('of another instrument that does not say so is refused and names both, unless the whole history is asked for', async () => {
    const [symbol, other] = [fresh(), fresh()];
    const [before] = SESSIONS.slice(-2) as [string];
    const waves = new Map(SESSIONS.map((session, index) => [session, 2 + 0.05 * Math.sin(index)]));
    const files = { [symbol]: series(() => 1), [other]: series((session) => waves.get(session) ?? 2) };
    for (const [name, rows] of Object.entries(files)) drop(`${name}.csv`, stooq(rows.filter(until(before))));
    await fetched(before, [symbol, other]);
    const stored = () => db('bars').where({ source: 'csv', symbol }).orderBy('session').select('session', 'close');
    const bars = await stored();
    drop(`${symbol}.csv`, stooq(files[other] ?? []));
    const [outcome] = await fetched(END, [symbol, other]);
    expect(outcome).toMatchObject({ symbol, status: 'FAILED', code: 'SYMBOL_MISMATCH', rowsRevised: 0 });
    expect(outcome?.message).toContain(`the stored closes of ${symbol}: they are the closes of ${other}`);
    expect(await stored()).toEqual(bars);
    expect((await judged(END, [symbol])).codes).toContain(`SYMBOL_MISMATCH ${symbol}`);
    expect(await fetched(END, [symbol], policy, true)).toMatchObject([{ status: 'OK', rowsNew: 1 }]);
    expect(await stored()).not.toEqual(bars);
  });

  it('a basis is its series’: one raw file of Alpha Vantage among files of Stooq', async () => {
    const [raw, free, ...others] = [fresh(), fresh(), fresh(), fresh(), fresh()] as [string, string, ...string[]];
    for (const symbol of others) drop(`${symbol}.csv`, stooq(series(() => 1)));
    const split = SESSIONS.at(-1) as string;
    const rows = series((session) => (session < split ? 1 : 1 / 1.5));
    const alphavantage = rows.map(({ session, close }) => {
      const ratio = session === split ? '1.5' : '1.0';
      return [session, close, close, close, close, close, 20_000_000, '0.0000', ratio].join(',');
    });
    const header = 'timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient';
    drop(`${raw}.csv`, [header, ...alphavantage.toReversed()].join('\n').concat('\n'));
    drop(
      `${free}.csv`,
      stooq(
        series(() => 1),
        'timestamp,open,high,low,close,volume',
      ),
    );
    await fetched(END, [raw, free, ...others]);
    const { market, codes } = await judged(END, [raw, free, ...others]);
    const bases = Object.fromEntries(market.histories.map(({ symbol, basis }) => [symbol, basis ?? market.basis]));
    expect([bases[raw], bases[free], bases[others[0] as string]]).toEqual(['raw', 'raw', 'split+dividend']);
    expect(codes).toEqual([]);
    const scores = scoreUniverse([raw, ...others].map(rowOf), market, 'momentum').map(({ score }) => Number(score));
    expect(Math.max(...scores) - Math.min(...scores)).toBeLessThan(1e-3);
  });

  it.each([
    ['another symbol', 'Symbol', 'MSFT', 'is of MSFT, not of'],
    ['another currency', 'Currency', 'GBP', 'is in GBP'],
    ['another exchange', 'Exchange', 'LSE', 'is of the exchange LSE'],
  ])('a file that names %s is a failure that names both', async (_, column, value, words) => {
    const symbol = fresh();
    const rows = series(() => 1).map(({ session, close }) => [value, session, close, close, close, close, 5].join(','));
    drop(`${symbol}.csv`, [`${column},Date,Open,High,Low,Close,Volume`, ...rows].join('\n').concat('\n'));
    const [outcome] = await fetched(END, [symbol]);
    expect(outcome).toMatchObject({ status: 'FAILED', code: 'SYMBOL_MISMATCH' });
    expect(outcome?.message).toContain(words);
    expect(outcome?.message).toContain(symbol);
    expect(await db('bars').where({ symbol })).toEqual([]);
    expect((await judged(END, [symbol])).codes).toContain(`SYMBOL_MISMATCH ${symbol}`);
    expect(readdirSync(path.join(dataDir, 'data')), 'nothing was kept, and no folder made for it').toEqual(['drop']);
  });

  it('an adjusted close that moves otherwise than close and known actions is on hold', async () => {
    const [told, untold, lazy] = [fresh(), fresh(), fresh()] as [string, string, string];
    const header = 'Date,Open,High,Low,Close,Adj Close,Volume';
    const fall = SESSIONS.at(-5) as string;
    const closes = series((session) => (session < fall ? 1 : 0.71));
    const adjusted = series(() => 0.71);
    const file = (adj: { close: string }[]) =>
      [
        header,
        ...closes.map(({ session, close }, i) =>
          [session, close, close, close, close, adj[i]?.close, 9_000_000].join(','),
        ),
      ]
        .join('\n')
        .concat('\n');
    drop(`${told}.csv`, file(adjusted));
    drop(`${untold}.csv`, file(adjusted));
    drop(`${lazy}.csv`, file(closes));
    drop('dividends.csv', `Symbol,ExDate,Amount,Currency\n${told},${fall},${(closeOf(94) * 0.29).toFixed(4)},USD\n`);
    await fetched(END, [told, untold, lazy]);
    const { codes } = await judged(END, [told, untold, lazy]);
    expect(codes.filter((code) => code.startsWith('ADJUSTMENT'))).toEqual([`ADJUSTMENT_UNEXPLAINED ${untold}`]);
    expect(codes).toContain(`ACTION_NEEDS_REVIEW ${told}`);
  });

  it('a bar that fills a gap is told from a quiet one, and from a file without volumes', async () => {
    const [filler, quiet, mute] = [fresh(), fresh(), fresh()] as [string, string, string];
    const bars = series(() => 1);
    const last = bars.at(-2) as { close: string };
    const filled = [...bars.slice(0, -1), { session: END, close: last.close, volume: 0 }];
    drop(`${filler}.csv`, stooq(filled));
    const seldom = filled.map((row, i) => ({ ...row, volume: i % 3 === 0 || row.session === END ? 0 : 100 }));
    drop(`${quiet}.csv`, stooq(seldom));
    drop(`${mute}.csv`, stooq(filled, 'Date,Open,High,Low,Close').replaceAll(/,\d+$/gm, ''));
    await fetched(END, [filler, quiet, mute]);
    const { codes, market } = await judged(END, [filler, quiet, mute]);
    expect(codes.filter((code) => code.startsWith('BAR_FILLER'))).toEqual([`BAR_FILLER ${filler}`]);
    expect(codes).toContain('COVERAGE_LOW null');
    expect(market.histories.find(({ symbol }) => symbol === mute)?.bars.at(-1)?.volume).toBeNull();
    expect((await db('bars').where({ symbol: mute }).whereNotNull('volume')).length).toBe(0);
  });

  it('the newest file of a symbol counts and the other is named', async () => {
    const symbol = fresh();
    const [before] = SESSIONS.slice(-2) as [string];
    const at = (name: string, seconds: number) => utimesSync(path.join(dataDir, 'data/drop', name), seconds, seconds);
    drop(`${symbol}.csv`, stooq(series(() => 1).filter(until(before))));
    drop(`${symbol.toLowerCase()}_us_d.csv`, stooq(series(() => 1)));
    expect(await fetched(END, [symbol])).toMatchObject([{ lastSession: END }]);
    const named = (await judged(END, [symbol])).market.fetches[0]?.findings;
    expect(named).toMatchObject([
      { code: 'FILE_PASSED_OVER', message: expect.stringContaining(`${symbol}.csv`) as string },
    ]);
    // Of files that reach equally far the one that was changed last.
    drop(`${symbol} (1).csv`, stooq(series((session) => (session === END ? 1.01 : 1))));
    at(`${symbol.toLowerCase()}_us_d.csv`, 1_000_000);
    at(`${symbol} (1).csv`, 2_000_000);
    expect(await fetched(END, [symbol])).toMatchObject([{ rowsRevised: 1 }]);
  });
});

const CASES = fileURLToPath(new URL('../../../shared/cases', import.meta.url));

describe.skipIf(!existsSync(CASES))('the cases from the field (needs ../shared/cases)', () => {
  const STOCKS = ['AAPL', 'JNJ', 'KO', 'MSFT', 'PG', 'XOM'];
  const inDollars = policyWith({}, 'USD');
  const bring = (name: string) =>
    cpSync(path.join(CASES, name, 'drop'), path.join(dataDir, 'data/drop'), { recursive: true });
  it('mixed-basis: the raw file among adjusted ones is scored by its own split', async () => {
    bring('mixed-basis');
    await fetched(END, STOCKS, inDollars);
    const { market, codes } = await judged(END, STOCKS, { given: inDollars });
    expect(codes).toEqual([]);
    expect(market.histories.find(({ symbol }) => symbol === 'MSFT')?.basis).toBe('raw');
    const score = Number(
      scoreUniverse(STOCKS.map(rowOf), market, 'momentum').find(({ symbol }) => symbol === 'MSFT')?.score,
    );
    expect(score).toBeGreaterThan(-0.1);
  });

  it('wrong-symbol: a failure that names both, for that file alone', async () => {
    bring('wrong-symbol');
    const outcomes = await fetched('2014-03-13', STOCKS, inDollars);
    expect(outcomes.filter(({ status }) => status === 'FAILED')).toMatchObject([
      { symbol: 'AAPL', code: 'SYMBOL_MISMATCH', message: expect.stringMatching(/MSFT.*AAPL/) as string },
    ]);
  });

  it.each([
    ['GBPUSD-cut.csv', '2014-03-10', 'FX_INVALID'],
    ['GBPUSD-two-rows.csv', '2014-03-12', 'FX_DUPLICATE'],
  ])('fx-unjudged: %s', async (file, session, code) => {
    drop('GBPUSD.csv', readFileSync(path.join(CASES, 'fx-unjudged/drop', file), 'utf8'));
    await fetchedRates(session);
    expect((await judged(session, [], { pair: 'GBPUSD' })).codes).toContain(`${code} GBPUSD`);
  });
});
