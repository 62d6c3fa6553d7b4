import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sessionsBetween } from '../../src/domain/calendar/calendar.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { withClient } from '../../src/runtime/postgres/database.js';
import { cliHere } from '../support/cli-here.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanEnvironment } from '../support/servers.js';
import { useSharedKey } from '../support/signing.js';

/**
 * Moves that wait for a human, as he types what they were: OXY's real fall of 2020-03-09 (26.86 to 12.51), a stock
 * whose provider halved its past without a word, and a rate with a slip in it.
 */
const AT = ['--at', '2020-03-12T08:00:00+00:00'];
const SESSIONS = sessionsBetween('2019-12-02', '2020-03-11');
const moved = (session: string): boolean => session >= '2020-03-09';
/** No two bars are alike. */
const bar = (session: string, close: number, index: number) =>
  [session, close, close, close, close].join(',') + `,${1_000_000 + index}`;

const OXY = SESSIONS.map((session, index) => bar(session, moved(session) ? 12.51 : 26.86, index));
const TWO = SESSIONS.map((session, index) => {
  const close = 40 + index / 100;
  return [session, close, close, close, close, moved(session) ? close : close / 2, 1_000_000 + index].join(',');
});
const SPY = SESSIONS.map((session, index) => bar(session, 300 + index, index));
const RATES = SESSIONS.map((session) => `${session},${session === '2020-03-11' ? '3.0' : '1.30'}`);

let database: TestDatabase;
let home: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  database = await createTestDatabase();
  home = mkdtempSync(path.join(tmpdir(), 'jumps-cli-'));
  for (const folder of ['config', 'data/data/drop']) mkdirSync(path.join(home, folder), { recursive: true });
  useSharedKey(path.join(home, 'data'));
  const policy = readFileSync(path.join(repositoryRoot, 'config/policy.yml'), 'utf8');
  writeFileSync(
    path.join(home, 'config/policy.yml'),
    policy.replace('clock: real', 'clock: simulated').replace('fx_provider: ecb', 'fx_provider: csv'),
  );
  const stocks = ['OXY', 'TWO', 'KO', 'PEP', 'XOM'];
  writeFileSync(
    path.join(home, 'config/universe.csv'),
    [
      'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by',
      ...stocks.map((symbol) => `${symbol},${symbol},${symbol},stock,USD,true,2014-01-02,Ada`),
      'SPY,SPY,SPDR S&P 500,benchmark,USD,false,,',
      '',
    ].join('\n'),
  );
  const drop = (name: string, header: string, lines: string[]) =>
    writeFileSync(path.join(home, 'data/data/drop', name), `${[header, ...lines].join('\n')}\n`);
  const stooq = 'Date,Open,High,Low,Close,Volume';
  drop('OXY.csv', stooq, OXY);
  drop('TWO.csv', 'Date,Open,High,Low,Close,Adj Close,Volume', TWO);
  for (const symbol of ['KO', 'PEP', 'XOM', 'SPY']) drop(`${symbol}.csv`, stooq, SPY);
  drop('splits.csv', 'Symbol,ExDate,SplitCoefficient', []);
  drop('dividends.csv', 'Symbol,ExDate,Amount,Currency', []);
  drop('GBPUSD.csv', 'Date,Close', RATES);
  env = cleanEnvironment({
    DATABASE_URL: database.appUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    TRADING_OPS_DATA: path.join(home, 'data'),
    TRADING_OPS_CONFIG: path.join(home, 'config'),
  });
  const { exitCode, stderr } = await ops('market-fetch', ...AT);
  if (exitCode !== 0) throw new Error(`the drop folder could not be read whole: ${stderr}`);
});
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await database.drop();
});

const ops = async (...words: string[]) => {
  const { code: exitCode, stdout, stderr } = await cliHere({ env }, words);
  return { exitCode, stdout, stderr };
};
const ruling = (symbol: string, exDate: string, ...more: string[]) =>
  ops('actions', 'rule', ...AT, '--symbol', symbol, '--ex-date', exDate, ...more, '--reason', 'looked up');
const codesOf = async (): Promise<string[]> => {
  const { stdout } = await ops('data-quality', ...AT, '--json');
  const { reasons, exclusions = [] } = JSON.parse(stdout) as Record<string, { code: string; subject: string }[]>;
  return [...(reasons ?? []), ...exclusions].map(({ code, subject }) => `${code} ${subject}`).toSorted();
};

describe('moves that wait for a human', () => {
  it('are listed with what is around them, and as what they stop', async () => {
    expect(await codesOf()).toEqual([
      'ADJUSTMENT_UNEXPLAINED TWO',
      'FX_JUMP_UNEXPLAINED GBPUSD',
      'PRICE_JUMP_UNEXPLAINED OXY',
    ]);
    const { exitCode, stdout } = await ops('actions', 'list', '--on-hold', ...AT);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/2020-03-09 {2}OXY {4}jump {5}26\.86 to 12\.51, -53\.4 % {2}HELD: leaves OXY out/);
    expect(stdout).toMatch(/closes: 03-04 26\.86, 03-05 26\.86, 03-06 26\.86, 03-09 12\.51, 03-10 12\.51/);
    expect(stdout).toMatch(/TWO {4}jump .*HELD: leaves TWO out\n +the provider's adjusted close: 20\.325 to 40\.66, /);
    expect(stdout).toMatch(/2020-03-11 {2}GBPUSD jump {5}1\.3 to 3, \+130\.8 % {2}HELD: stops the day/);
    expect(stdout).toMatch(/Next: .*--symbol GBPUSD --ex-date 2020-03-11 --kind jump --as genuine/);
    for (const line of stdout.split('\n').filter((each) => !each.startsWith('Next:')))
      expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it.each([
    ['a day on which the rate did not move', ['GBPUSD', '2020-03-05', '--as', 'genuine'], 2, /rates of GBPUSD do not/],
    ['a split of a rate', ['GBPUSD', '2020-03-11', '--kind', 'split', '--as', 'ignore'], 64, /GBPUSD is a rate/],
    ['a day on which OXY did not move', ['OXY', '2020-03-10', '--as', 'genuine'], 2, /closes of OXY do not jump/],
    ['a figure', ['OXY', '2020-03-09', '--as', 'genuine', '--value', '2'], 64, /value: 2: must be left out/],
  ] as const)('%s is refused, and nothing is stored', async (_what, [symbol, exDate, ...more], exitCode, message) => {
    const answer = await ruling(symbol, exDate, ...more);
    expect([answer.exitCode, answer.stderr]).toEqual([exitCode, expect.stringMatching(message)]);
    const rows = await withClient(database.ownerUrl, (client) => client.query('select * from action_rulings'));
    expect(rows.rowCount).toBe(0);
  });

  it('are settled by one ruling each', async () => {
    const said = await ruling('OXY', '2020-03-09', '--as', 'genuine');
    expect([said.exitCode, said.stdout]).toEqual([0, expect.stringContaining('(-53.4 %) is genuine: no split')]);
    for (const [symbol, date] of [
      ['TWO', '2020-03-09'],
      ['GBPUSD', '2020-03-11'],
    ] as const)
      expect((await ruling(symbol, date, '--as', 'genuine')).exitCode).toBe(0);
    expect(await codesOf()).toEqual([]);
    const { stdout } = await ops('actions', 'list', ...AT);
    expect([stdout.match(/ruled: genuine/g)?.length, stdout.includes('HELD')]).toEqual([3, false]);
  });
});
