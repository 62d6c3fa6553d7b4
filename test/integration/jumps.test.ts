import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAccount } from '../../src/db/accounts.js';
import { connect } from '../../src/db/connect.js';
import { sessionsBetween } from '../../src/domain/calendar/calendar.js';
import { resultOrThrow } from '../../src/domain/errors.js';
import type { ActionRuling } from '../../src/domain/types.js';
import { reconcile } from '../../src/operations/day/reconcile.js';
import { fetchMarket } from '../../src/operations/market/fetch-apart.js';
import { judgeMarket } from '../../src/operations/market/judge-apart.js';
import { listActions } from '../../src/operations/market/list-actions.js';
import { ruleAction } from '../../src/operations/market/rule.js';
import { readConfiguration } from '../../src/operations/runs/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { useSharedKey } from '../support/signing.js';
import { fingerprint } from '../support/unchanged.js';
import { policyWith, rowOf } from '../unit/quality.fixture.js';
import { asks, writeConfiguration, type Ledger } from './ledger.fixture.js';

/** A spring as that of 2020, of our own invention: forty stocks, eight of which moved by more than 35 % in a day, truly. */
const SYMBOLS = Array.from({ length: 40 }, (_, index) => `S${10 + index}`);
const SESSIONS = sessionsBetween('2019-12-02', '2020-06-30');
const MOVES = [
  ['S10', '2020-03-09', 0.47],
  ['S11', '2020-03-09', 0.53],
  ['S12', '2020-03-12', 0.61],
  ['S13', '2020-03-16', 0.63],
  ['S14', '2020-03-18', 0.58],
  ['S15', '2020-03-19', 1.41],
  ['S16', '2020-03-24', 1.52],
  ['S17', '2020-03-24', 1.43],
] as const;
const DAY = '2020-04-01';
const AT = `${DAY}T08:00:00.000Z`;
/** A day whose look-back of 64 sessions still reaches all of them. */
const LATER = '2020-06-01T08:00:00.000Z';
const policy = {
  ...policyWith({ accounts: { main: { base_currency: 'USD', clock: 'simulated' } } }),
  operators: ['ann'],
};
const universe = [...SYMBOLS.map((symbol) => rowOf(symbol)), rowOf('SPY', { kind: 'benchmark', tradable: false })];

function fileOf(symbol: string): string {
  const seed = symbol.codePointAt(symbol.length - 1) ?? 0;
  let close = 50 + seed;
  const rows = SESSIONS.map((session, index) => {
    const move = MOVES.find(([name, on]) => name === symbol && on === session)?.[2] ?? 1;
    close *= move * (1 + 0.004 * Math.sin(index * 1.7 + seed));
    const price = close.toFixed(2);
    return `${session},${price},${price},${price},${price},${1000 + index}`;
  });
  return ['Date,Open,High,Low,Close,Volume', ...rows, ''].join('\n');
}

let database: TestDatabase;
let installation: Ledger['installation'];
beforeAll(async () => {
  database = await createTestDatabase();
  const home = mkdirpOf(database.appUrl);
  installation = {
    db: connect(database.appUrl, 4),
    dataDir: home,
    configDir: home,
    now: () => new Date().toISOString(),
  };
  writeConfiguration(home, policy, universe);
  for (const symbol of [...SYMBOLS, 'SPY'])
    writeFileSync(path.join(home, 'data/drop', `${symbol}.csv`), fileOf(symbol));
  await openAccount(
    installation.db,
    { account: 'main', baseCurrency: 'USD', clock: 'simulated' },
    'ann',
    '2019-12-01T08:00:00Z',
  );
  const fetched = await fetchMarket({ ...installation, env: {} }, asks(LATER), {
    account: 'main',
    runId: randomUUID(),
  });
  if (!resultOrThrow(fetched).complete) throw new Error('the drop folder could not be read whole');
}, 120_000);
afterAll(async () => {
  await installation.db.destroy();
  await database.drop();
});

function mkdirpOf(url: string): string {
  const home = path.join(process.env['TMPDIR'] ?? '/tmp', `jumps-${path.basename(new URL(url).pathname)}`);
  mkdirSync(path.join(home, 'data/drop'), { recursive: true });
  useSharedKey(home);
  return home;
}

const judge = async (at = AT) =>
  resultOrThrow(await judgeMarket(installation, asks(at), { account: 'main', runId: randomUUID() }));
const list = async (at = AT) =>
  resultOrThrow(await listActions(installation.db, await readConfiguration(installation.configDir), { at })).actions;
const rule = (exDate: string, changes: Partial<ActionRuling & { as: string }> = {}) =>
  ruleAction(installation, asks(AT), {
    account: 'main',
    symbol: 'S10',
    exDate,
    kind: 'JUMP',
    as: 'genuine',
    reason: 'the price of oil fell by a quarter',
    ...changes,
  } as never);

describe('in a spring of true jumps', () => {
  it('nobody who holds none of them is stopped, on any day of the look-back', async () => {
    for (const at of ['2020-03-10T08:00:00Z', AT, LATER]) {
      const judged = await judge(at);
      expect([at, judged.passed, judged.reasons]).toEqual([at, true, []]);
    }
    const { exclusions, summary, files } = await judge();
    expect(exclusions?.map(({ subject, code }) => `${subject} ${code}`)).toEqual(
      MOVES.map(([symbol]) => `${symbol} PRICE_JUMP_UNEXPLAINED`),
    );
    expect(summary).toMatch(/^prices of 2020-03-31 are sound without S10 \(PRICE_JUMP_UNEXPLAINED\), S11/);
    const report = readFileSync(path.join(installation.dataDir, files[0] ?? ''), 'utf8');
    expect(report).toContain('Left out');
    expect(report).toContain('actions rule --symbol S10 --ex-date 2020-03-09 --kind jump --as <genuine|split');
  });

  it('they stand in the list with the closes around them', async () => {
    const jumps = (await list()).flatMap((one) => (one.kind === 'JUMP' ? [one] : []));
    expect(jumps.map(({ symbol, session }) => `${symbol} ${session}`)).toEqual(
      MOVES.map(([symbol, session]) => `${symbol} ${session}`),
    );
    expect(jumps[0]).toMatchObject({ onHold: true, stopsTheDay: false, ruled: null });
    expect(jumps[0]?.around.map(({ session }) => session)).toEqual([
      '2020-03-04',
      '2020-03-05',
      '2020-03-06',
      '2020-03-09',
      '2020-03-10',
      '2020-03-11',
    ]);
  });

  it.each([
    ['a day without a jump', '2020-03-10', {}, 'JUMP_UNKNOWN'],
    ['a symbol that did not jump', '2020-03-09', { symbol: 'S30' }, 'JUMP_UNKNOWN'],
    ['a symbol nobody knows', '2020-03-09', { symbol: 'NOPE' }, 'SYMBOL_UNKNOWN'],
    ['a figure', '2020-03-09', { value: '2' }, 'VALUE_UNEXPECTED'],
    ['ignore, of a jump', '2020-03-09', { as: 'ignore' }, 'FLAGS_INVALID'],
    ['a split without its ratio', '2020-03-09', { as: 'split' }, 'VALUE_MISSING'],
    ['another kind', '2020-03-09', { kind: 'MERGER' }, 'ARGUMENT_INVALID'],
  ])('a ruling with %s is refused, and nothing is stored', async (_, exDate, changes, code) => {
    const before = await fingerprint(installation.db);
    const outcome = await rule(exDate, changes as never);
    expect(outcome.ok ? outcome.result : outcome.refusal.code).toBe(code);
    expect(await fingerprint(installation.db)).toEqual(before);
  });

  it('whoever holds one is stopped by it until one ruling, which holds for the whole look-back', async () => {
    const opened = await reconcile(installation, asks(AT), {
      account: 'main',
      tradingDay: DAY,
      commandId: 'c1',
      snapshotDate: DAY,
      cash: '1000',
      positions: { S10: '20' },
      notes: null,
    });
    expect(opened.openedLedger).toBe(true);
    const stopped = await judge();
    expect(stopped).toMatchObject({ passed: false, reasons: [{ code: 'PRICE_JUMP_UNEXPLAINED', subject: 'S10' }] });
    expect(stopped.exclusions).toHaveLength(7);
    const ruled = resultOrThrow(await rule('2020-03-09'));
    expect(ruled).toMatchObject({ kind: 'JUMP', ruling: 'genuine', value: null });
    expect(ruled.says).toMatch(/^S10 2020-03-09: the move from [\d.]+ to [\d.]+ \(-5\d\.\d %\) is genuine: no split/);
    for (const at of [AT, LATER]) expect(await judge(at)).toMatchObject({ passed: true, reasons: [] });
    expect((await list()).find(({ symbol }) => symbol === 'S10')).toMatchObject({ onHold: false, ruled: 'genuine' });
    // Whoever asks for the gate has the ledgers valued, too: the 08:00 run need not be repeated.
    const values = await installation.db('valuations').where({ account: 'main' }).select('as_of_date').distinct();
    expect(values.map(({ as_of_date }) => as_of_date)).toContain('2020-03-31');
    expect(
      await installation.db('audit_log').where({ action: 'action.ruled' }).first('subject', 'detail'),
    ).toMatchObject({ subject: 'S10 2020-03-09 JUMP', detail: { ruling: 'genuine', value: null } });
  });

  it('a second source that shows the same move clears it, and another does not', async () => {
    writeConfiguration(
      installation.configDir,
      { ...policy, market_data: { ...policy.market_data, second_provider: 'tiingo' } },
      universe,
    );
    const rows = (await installation.db('bars').where({ source: 'csv' }).whereIn('symbol', ['S11', 'S12'])).map(
      ({ recorded_at: _byTheDatabase, ...bar }) => ({ ...bar, source: 'tiingo' }),
    );
    await installation
      .db('bars')
      .insert(rows.map((bar) => ({ ...bar, ...(bar.symbol === 'S12' && { close: bar.open }) })));
    await installation.db('corporate_actions').insert({
      source: 'tiingo',
      symbol: 'S12',
      ex_date: '2020-03-12',
      kind: 'SPLIT',
      value: '2',
      published: '2',
      payload_sha256: 'f'.repeat(64),
      retrieved_at: AT,
    });
    const { exclusions } = await judge();
    expect(exclusions?.map(({ subject }) => subject)).toEqual(['S12', 'S13', 'S14', 'S15', 'S16', 'S17']);
    expect((await list()).find(({ symbol }) => symbol === 'S11')).toMatchObject({
      onHold: false,
      confirmedBy: 'tiingo',
    });
  });
});
