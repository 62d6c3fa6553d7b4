import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../src/runtime/postgres/database.js';
import { repositoryRoot } from '../../src/runtime/paths.js';
import { cliHere } from '../support/cli-here.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanEnvironment } from '../support/servers.js';
import { useSharedKey } from '../support/signing.js';

/**
 * The commands as an operator types them, with the real days around GOOGL's share distribution of 2014-04-03
 * (eod-demo).
 */
const GOOGL =
  'Date,Open,High,Low,Close,Volume\n2014-03-31,1120.39,1124.89,1112.33,1114.51,2229200\n2014-04-01,1118.99,1136.58,1117.0,1134.89,2150900\n' +
  '2014-04-02,1138.83,1145.61,1128.0,1135.10,2154500\n2014-04-03,573.39,587.28,564.13,571.50,5099100\n';
const SPY =
  'Date,Open,High,Low,Close,Volume\n2014-04-02,188.6,188.9,188.2,188.88,1000\n2014-04-03,189.0,189.1,187.9,188.63,1000\n';
const AT = ['--at', '2014-04-04T08:00:00+01:00'];

let database: TestDatabase;
let home: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  database = await createTestDatabase();
  home = mkdtempSync(path.join(tmpdir(), 'market-cli-'));
  for (const folder of ['config', 'data/data/drop']) mkdirSync(path.join(home, folder), { recursive: true });
  const policy = readFileSync(path.join(repositoryRoot, 'config/policy.yml'), 'utf8');
  writeFileSync(
    path.join(home, 'config/policy.yml'),
    policy
      .replace('base_currency: GBP', 'base_currency: USD')
      .replace('clock: real', 'clock: simulated')
      .replace('fx_provider: ecb', 'fx_provider: csv'),
  );
  writeFileSync(
    path.join(home, 'config/universe.csv'),
    'internal_symbol,etoro_search_name,name,kind,listing_currency,tradable,verified_on,verified_by\n' +
      'GOOGL,GOOG,Alphabet,stock,USD,true,2014-01-02,Ada\nSPY,SPY,SPDR S&P 500,benchmark,USD,false,,\n',
  );
  for (const [name, text] of [
    ['GOOGL.csv', GOOGL],
    ['SPY.csv', SPY],
    ['splits.csv', 'Symbol,ExDate,SplitCoefficient\n'],
    ['dividends.csv', 'Symbol,ExDate,Amount,Currency\nGOOGL,2014-04-03,567.9717,USD\n'],
  ] as const) {
    writeFileSync(path.join(home, 'data/data/drop', name), text);
  }
  useSharedKey(path.join(home, 'data'));
  env = cleanEnvironment({
    DATABASE_URL: database.appUrl,
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    TRADING_OPS_DATA: path.join(home, 'data'),
    TRADING_OPS_CONFIG: path.join(home, 'config'),
  });
});
afterAll(async () => {
  rmSync(home, { recursive: true, force: true });
  await database.drop();
});

const ops = async (...words: string[]) => {
  const { code: exitCode, stdout, stderr } = await cliHere({ env }, words);
  return { exitCode, stdout, stderr };
};
const rowsOf = (tables: string[]) =>
  withClient(database.ownerUrl, async (client) => {
    const counts = [];
    for (const table of tables) counts.push((await client.query(`select count(*) as n from ${table}`)).rows[0]);
    return counts;
  });

describe('market commands', () => {
  it('fetch, see what is held, rule on it, and the hold is gone', async () => {
    const fetched = await ops('market-fetch', ...AT);
    expect([fetched.exitCode, fetched.stderr]).toEqual([0, '']);
    expect(fetched.stdout).toContain('2 of 2 answers usable');
    const held = await ops('actions', 'list', '--held', ...AT);
    expect((await ops('actions', 'list', '--on-hold', ...AT)).stdout).toBe(held.stdout);
    expect(held.stdout).toMatch(
      /2014-04-03 {2}GOOGL {2}dividend 567\.9717 USD {2}HELD: .*Next: .*actions rule --symbol GOOGL/s,
    );
    const failing = await ops('data-quality', ...AT, '--json');
    expect([
      failing.exitCode,
      (JSON.parse(failing.stdout) as { reasons: { code: string }[] }).reasons.map(({ code }) => code),
    ]).toEqual([2, expect.arrayContaining(['ACTION_NEEDS_REVIEW'])]);
    const ruled = await ops(
      'actions',
      'rule',
      ...AT,
      '--symbol',
      'GOOGL',
      '--ex-date',
      '2014-04-03',
      '--kind',
      'dividend',
      '--as',
      'split',
      '--value',
      '2',
      '--reason',
      'class C shares',
    );
    expect([ruled.exitCode, ruled.stdout]).toEqual([
      0,
      expect.stringContaining('counts as split of 2, ruled by operator'),
    ]);
    expect((await ops('actions', 'list', '--on-hold', ...AT)).stdout).toContain('No held actions');
    expect((await ops('data-quality', ...AT)).stdout).not.toContain('ACTION_NEEDS_REVIEW');
  });

  it.each<[string, string[], number, RegExp]>([
    ['a symbol nobody knows', ['market-fetch', ...AT, '--symbol', 'NOPE'], 64, /symbol: NOPE: is not in the universe/],
    [
      'an operator nobody knows',
      ['market-fetch', ...AT, '--operator', 'Mallory'],
      64,
      /operator: Mallory: must be one of/,
    ],
    [
      'a day that does not exist',
      [
        'actions',
        'rule',
        ...AT,
        '--symbol',
        'GOOGL',
        '--ex-date',
        '2014-02-30',
        '--kind',
        'dividend',
        '--as',
        'ignore',
        '--reason',
        'test',
      ],
      64,
      /ex-date: "2014-02-30": must be a date/,
    ],
    [
      'a split by nothing',
      [
        'actions',
        'rule',
        ...AT,
        '--symbol',
        'GOOGL',
        '--ex-date',
        '2014-04-03',
        '--kind',
        'dividend',
        '--as',
        'split',
        '--value',
        '0',
        '--reason',
        'test',
      ],
      64,
      /value: "0": must be above 0/,
    ],
    [
      'a split without its ratio',
      [
        'actions',
        'rule',
        ...AT,
        '--symbol',
        'GOOGL',
        '--ex-date',
        '2014-04-03',
        '--kind',
        'dividend',
        '--as',
        'split',
        '--reason',
        'test',
      ],
      64,
      /VALUE_MISSING/,
    ],
    [
      'a value for nothing',
      [
        'actions',
        'rule',
        ...AT,
        '--symbol',
        'GOOGL',
        '--ex-date',
        '2014-04-03',
        '--kind',
        'dividend',
        '--as',
        'ignore',
        '--value',
        '2',
        '--reason',
        'test',
      ],
      64,
      /VALUE_UNEXPECTED/,
    ],
    [
      'no reason',
      [
        'actions',
        'rule',
        ...AT,
        '--symbol',
        'GOOGL',
        '--ex-date',
        '2014-04-03',
        '--kind',
        'dividend',
        '--as',
        'ignore',
        '--reason',
        ' ',
      ],
      64,
      /reason: .*must say why/,
    ],
    [
      'a kind that is none',
      [
        'actions',
        'rule',
        ...AT,
        '--symbol',
        'GOOGL',
        '--ex-date',
        '2014-04-03',
        '--kind',
        'spinoff',
        '--as',
        'ignore',
        '--reason',
        'test',
      ],
      64,
      /Allowed choices/,
    ],
    ['a file that is not there', ['policy', 'check', '/nonexistent.yml'], 64, /cannot be read: ENOENT/],
  ])('%s is refused and no row changes', async (_what, words, exitCode, message) => {
    const tables = ['runs', 'bars', 'corporate_actions', 'action_rulings', 'fetch_results', 'payloads', 'audit_log'];
    const before = await rowsOf(tables);
    const answer = await ops(...words);
    expect([answer.exitCode, answer.stderr]).toEqual([exitCode, expect.stringMatching(message)]);
    expect(answer.stderr).not.toMatch(/^\s+at /m);
    expect(await rowsOf(tables)).toEqual(before);
  });

  it('policy and universe of the installation are checked', async () => {
    expect(await ops('policy', 'check')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('is sound') as string,
    });
    expect(await ops('universe', 'check')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('1 enabled stock, 1 benchmark') as string,
    });
    const file = path.join(home, 'config/policy.yml');
    const sound = readFileSync(file, 'utf8');
    writeFileSync(file, `${sound}\nperformance: { benchmark: NONE }\n`);
    try {
      expect(await ops('policy', 'check')).toMatchObject({
        exitCode: 64,
        stderr: expect.stringContaining('BENCHMARK_UNKNOWN: benchmark: NONE: is no symbol of the universe') as string,
      });
      expect((await ops('policy', 'check', file)).exitCode).toBe(0);
    } finally {
      writeFileSync(file, sound);
    }
  });
});
