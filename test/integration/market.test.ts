import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Knex } from 'knex';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { answersAhead, askAheadUnder, type AskedAhead } from '../../src/operations/market/ask-ahead.js';
import { fetchPricesUnder } from '../../src/operations/market/fetch-prices.js';
import type { Fetcher } from '../../src/operations/market/fetching.js';
import { fetchRatesUnder } from '../../src/operations/market/fetch-rates.js';
import { insertRuling, listActions, listRulings } from '../../src/db/actions.js';
import { connect } from '../../src/db/connect.js';
import { pricesQuestion } from '../../src/db/known-prices.js';
import { closesAt, loadMarketFacts } from '../../src/db/market-facts.js';
import { askTogether } from '../../src/db/questions.js';
import { storeConfiguration } from '../../src/db/configurations.js';
import { insertRun } from '../../src/db/runs.js';
import { asOfDate } from '../../src/domain/calendar/calendar.js';
import { policySchema } from '../../src/domain/policy/policy.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Goal: a run's fetch is repeatable at any point, keeps what it was told, and one bad symbol never sinks the rest. */
const HASH = '0'.repeat(64);
const EOD_DEMO = fileURLToPath(new URL('../../../shared/data/eod-demo', import.meta.url));
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
  dataDir = mkdtempSync(path.join(tmpdir(), 'market-'));
  mkdirSync(path.join(dataDir, 'data/drop'), { recursive: true });
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const policyWith = (marketData: object) =>
  policySchema.parse({
    version: 1,
    accounts: { main: { base_currency: 'GBP', clock: 'simulated' } },
    operators: ['ann'],
    market_data: { provider: 'csv', fx_provider: 'csv', ...marketData },
  });
const drop = (name: string, text: string) => writeFileSync(path.join(dataDir, 'data/drop', name), text);
const row = (date: string, close: string) => `${date},${close},${close},${close},${close},1000\n`;
const HEADER = 'Date,Open,High,Low,Close,Volume\n';

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
const count = async (table: string, where: object) =>
  Number((await db(table).where(where).count<{ n: number }[]>('* as n'))[0]?.n);

describe('a fetch from the drop folder', () => {
  const policy = policyWith({});

  it('stores what was read ahead a moment ago, and reads anew what is older; of a new symbol nothing is read ahead', async () => {
    const policy = policyWith({ second_provider: null });
    const now = (second: number) => () => `2014-06-12T07:00:${String(second).padStart(2, '0')}.000Z`;
    const reader = { db, dataDir, env: {}, now: now(0) };
    const closeOf = async (session: string) =>
      (await db('bars').where({ source: 'csv', symbol: 'AHEAD', session }).first('close'))?.close;
    const fetched = async (
      day: string,
      ask: (run: Awaited<ReturnType<typeof newRun>>) => Promise<AskedAhead | null>,
      at: number,
    ) => {
      const run = await newRun(day);
      const asked = await ask(run);
      // Whoever asks later finds another file.
      drop('AHEAD.csv', HEADER + row('2014-06-09', '10') + row('2014-06-10', '11') + row('2014-06-11', '13'));
      const ahead: Fetcher['ahead'] = (provider, symbols) => answersAhead(asked, { provider, symbols, now: now(at)() });
      await fetchPricesUnder({ db, dataDir, env: {}, ahead }, { ...run, symbols: ['AHEAD'], policy });
      return asked;
    };
    const askOf = (run: Awaited<ReturnType<typeof newRun>>) =>
      askAheadUnder(reader, { ...run, symbols: ['AHEAD'], policy });
    drop('AHEAD.csv', HEADER + row('2014-06-09', '10') + row('2014-06-10', '11'));
    expect(await askOf(await newRun('2014-06-10'))).toBeNull();
    await fetchPricesUnder({ db, dataDir, env: {} }, { ...(await newRun('2014-06-11')), symbols: ['AHEAD'], policy });
    drop('AHEAD.csv', HEADER + row('2014-06-09', '10') + row('2014-06-10', '11') + row('2014-06-11', '12'));
    expect(await fetched('2014-06-12', askOf, 5)).not.toBeNull();
    expect(await closeOf('2014-06-11')).toBe('12');
    drop('AHEAD.csv', HEADER + row('2014-06-09', '10') + row('2014-06-10', '11') + row('2014-06-11', '12'));
    await fetched('2014-06-12', askOf, 6);
    expect(await closeOf('2014-06-11')).toBe('13');
  });

  it('stores bars, actions, outcomes and immutable payloads; a bad symbol fails alone; a repeat does nothing', async () => {
    drop(
      'AAA.csv',
      HEADER +
        row('2014-06-06', '645.57') +
        row('2014-06-09', '93.7') +
        row('2014-06-10', '94.25') +
        row('2014-06-11', '1'),
    );
    drop('BBB.csv', '<html>');
    drop('splits.csv', 'Symbol,ExDate,SplitCoefficient\nAAA,2014-06-09,7.00000700001\n');
    const fetcher = { db, dataDir, env: {} };
    const run = await newRun('2014-06-11');
    const first = await fetchPricesUnder(fetcher, { ...run, symbols: ['AAA', 'BBB', 'CCC'], policy });
    expect(
      first.outcomes.map(({ symbol, status, code, rowsNew, lastSession }) => [
        symbol,
        status,
        code,
        rowsNew,
        lastSession,
      ]),
    ).toEqual([
      ['AAA', 'OK', null, 3, '2014-06-10'],
      ['BBB', 'FAILED', 'HTML_INSTEAD_OF_DATA', 0, null],
      ['CCC', 'FAILED', 'FILE_MISSING', 0, null],
    ]);
    expect(await fetchPricesUnder(fetcher, { ...run, symbols: ['AAA', 'BBB', 'CCC'], policy })).toEqual(first);
    expect(await listActions(db, { source: 'csv', symbols: ['AAA'] })).toEqual([
      { symbol: 'AAA', exDate: '2014-06-09', kind: 'SPLIT', value: '7', currency: null, source: 'csv' },
    ]);
    const payloads = await db('payloads')
      .where({ run_id: run.runId })
      .orderBy('symbol')
      .select<{ symbol: string; path: string; sha256: string; bytes: number }[]>('symbol', 'path', 'sha256', 'bytes');
    expect(payloads.map(({ symbol }) => symbol)).toEqual(['AAA', 'splits']);
    for (const payload of payloads) {
      const body = readFileSync(path.join(dataDir, payload.path));
      expect([createHash('sha256').update(body).digest('hex'), body.length]).toEqual([payload.sha256, payload.bytes]);
      expect(payload.path).toMatch(/^data\/market\/csv\/2014-06-11\//);
    }
    const manifest = readFileSync(path.join(dataDir, 'data/market/csv/2014-06-11/manifest.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { sha256: string });
    expect(manifest.map(({ sha256 }) => sha256).toSorted()).toEqual(payloads.map(({ sha256 }) => sha256).toSorted());
  });

  it('the next day asks for the overlap alone, links the unchanged file, and records a restated bar', async () => {
    const sessions = [
      '2014-05-01',
      '2014-05-02',
      ...Array.from({ length: 26 }, (_, i) => `2014-05-${String(i + 5).padStart(2, '0')}`),
    ].filter((date) => asOfDate(new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10)) === date);
    drop('DDD.csv', HEADER + sessions.map((date) => row(date, '10')).join(''));
    drop('EEE.csv', HEADER + sessions.map((date) => row(date, '10')).join(''));
    const fetcher = { db, dataDir, env: {} };
    await fetchPricesUnder(fetcher, { ...(await newRun('2014-05-29')), symbols: ['DDD', 'EEE'], policy });
    drop(
      'EEE.csv',
      HEADER +
        sessions
          .map((date) => row(date, date === '2014-05-28' ? '10.5' : date === '2014-05-01' ? '99' : '10'))
          .join(''),
    );
    const { outcomes } = await fetchPricesUnder(fetcher, {
      ...(await newRun('2014-05-30')),
      symbols: ['DDD', 'EEE'],
      policy,
    });
    expect(outcomes.map(({ rowsNew, rowsRevised }) => [rowsNew, rowsRevised])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    const folders = ['2014-05-29', '2014-05-30'].map((day) => path.join(dataDir, 'data/market/csv', day));
    const [a, b] = folders.map(
      (folder) => statSync(path.join(folder, readdirSync(folder).find((name) => name.startsWith('DDD')) as string)).ino,
    );
    expect(a).toBe(b);
    const { outcomes: whole } = await fetchPricesUnder(fetcher, {
      ...(await newRun('2014-05-30')),
      symbols: ['EEE'],
      policy,
      full: true,
    });
    expect(whole.map(({ rowsRevised }) => rowsRevised)).toEqual([1]);
    expect(await count('bar_revisions', { symbol: 'EEE' })).toBe(2);
  });

  it('a crash after the payloads were kept and before the commit is made good by the next try', async () => {
    drop('FFF.csv', HEADER + row('2014-06-10', '94.25'));
    const run = await newRun('2014-06-11');
    const broken = {
      ...db,
      raw: db.raw.bind(db),
      transaction: () => Promise.reject(new Error('the connection is gone')),
    } as unknown as Knex;
    await expect(
      fetchPricesUnder(
        { db: Object.setPrototypeOf(broken, db) as Knex, dataDir, env: {} },
        {
          ...run,
          symbols: ['FFF'],
          policy,
        },
      ),
    ).rejects.toThrow('gone');
    expect(await count('fetch_results', { run_id: run.runId })).toBe(0);
    expect(
      (await fetchPricesUnder({ db, dataDir, env: {} }, { ...run, symbols: ['FFF'], policy })).outcomes,
    ).toMatchObject([{ status: 'OK', rowsNew: 1 }]);
    expect(
      readdirSync(path.join(dataDir, 'data/market/csv/2014-06-11')).filter((name) => name.endsWith('.tmp')),
    ).toEqual([]);
  });

  it('rates: new, restated, failed and repeated', async () => {
    const fetcher = { db, dataDir, env: {} };
    drop('GBPUSD_ecb.csv', 'Date,EURUSD,EURGBP\n2014-06-09,1.3627,0.811\n2014-06-10,1.3547,0.8075\n');
    expect(await fetchRatesUnder(fetcher, { ...(await newRun('2014-06-11')), pair: 'GBPUSD', policy })).toMatchObject({
      outcome: { status: 'OK', rowsNew: 2, lastSession: '2014-06-10' },
    });
    drop('GBPUSD_ecb.csv', 'Date,EURUSD,EURGBP\n2014-06-09,1.3627,0.811\n2014-06-10,1.3548,0.8075\n');
    expect(await fetchRatesUnder(fetcher, { ...(await newRun('2014-06-11')), pair: 'GBPUSD', policy })).toMatchObject({
      outcome: { rowsNew: 0, rowsRevised: 1 },
    });
    const facts = await loadMarketFacts(db, { policy, asOfDate: '2014-06-10', symbols: [], pair: 'GBPUSD' });
    expect(facts.fx).toEqual({ pair: 'GBPUSD', date: '2014-06-10', rate: '1.677771', source: 'csv' });
    expect(await loadMarketFacts(db, { policy, asOfDate: '2014-06-06', symbols: [], pair: 'GBPUSD' })).toMatchObject({
      fx: null,
    });
    drop('GBPUSD_ecb.csv', '<html>');
    const failing = await newRun('2014-06-11');
    const failed = await fetchRatesUnder(fetcher, { ...failing, pair: 'GBPUSD', policy });
    expect(failed).toMatchObject({ outcome: { status: 'FAILED', code: 'HTML_INSTEAD_OF_DATA' } });
    drop('GBPUSD_ecb.csv', 'Date,EURUSD,EURGBP\n2014-06-10,1.3547,0.8075\n');
    expect(await fetchRatesUnder(fetcher, { ...failing, pair: 'GBPUSD', policy })).toEqual(failed);
  });
});

describe('a fetch over HTTP', () => {
  const KEY = 'very-secret-key';
  async function withServer(
    answer: (url: string, hit: number) => { status?: number; body: string },
    work: (env: NodeJS.ProcessEnv, urls: string[]) => Promise<void>,
  ) {
    const urls: string[] = [];
    const server = createServer((request, response) => {
      const { status = 200, body } = answer(request.url ?? '', urls.push(request.url ?? ''));
      response.writeHead(status).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      await work({ TIINGO_API_KEY: KEY, TRADING_OPS_TIINGO_URL: url, TRADING_OPS_RETRY_WAIT_MS: '5,20' }, urls);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const policy = policyWith({ provider: 'tiingo', max_attempts: 1 });
  const bars = (rows: [string, number, object?][]) =>
    JSON.stringify(
      rows.map(([date, close, rest]) => ({
        date: `${date}T00:00:00.000Z`,
        open: close,
        high: close,
        low: close,
        close,
        volume: 1,
        adjClose: close / 7,
        divCash: 0,
        splitFactor: 1,
        ...rest,
      })),
    );

  it('a split newer than what is stored makes the whole history be asked for again', async () => {
    const before: [string, number][] = [
      ['2014-06-05', 647.35],
      ['2014-06-06', 645.57],
    ];
    await withServer(
      (url) => ({
        body: url.includes('endDate=2014-06-06')
          ? bars(before)
          : bars([...before, ['2014-06-09', 93.7, { splitFactor: 7 }]]),
      }),
      async (env, urls) => {
        const fetcher = { db, dataDir, env };
        await fetchPricesUnder(fetcher, { ...(await newRun('2014-06-09')), symbols: ['GGG'], policy });
        await fetchPricesUnder(fetcher, { ...(await newRun('2014-06-10')), symbols: ['GGG'], policy });
        expect(urls.map((url) => /startDate=([\d-]+)/.exec(url)?.[1])).toEqual([
          '2013-04-01',
          '2014-05-22',
          '2013-04-02',
        ]);
      },
    );
  });

  it('a limit ends the asking, and no key is stored or kept anywhere', async () => {
    await withServer(
      () => ({ status: 429, body: `over your limit, token ${KEY}` }),
      async (env, urls) => {
        const run = await newRun('2014-06-11');
        const { outcomes } = await fetchPricesUnder(
          { db, dataDir, env },
          {
            ...run,
            symbols: Array.from({ length: 12 }, (_, i) => `H${i}`),
            policy,
          },
        );
        expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set(['RATE_LIMITED']));
        expect(urls.length).toBe(8);
        const rows = await db('fetch_results').where({ run_id: run.runId });
        expect(JSON.stringify([rows, outcomes])).not.toContain(KEY);
      },
    );
  });

  it('a second provider is fetched too, and its closes of the as-of date are facts', async () => {
    drop('III.csv', HEADER + row('2014-06-10', '94.20'));
    await withServer(
      () => ({ body: bars([['2014-06-10', 94.25]]) }),
      async (env) => {
        const both = policyWith({ provider: 'tiingo', second_provider: 'csv', max_attempts: 1 });
        const { outcomes } = await fetchPricesUnder(
          { db, dataDir, env },
          {
            ...(await newRun('2014-06-11')),
            symbols: ['III'],
            policy: both,
          },
        );
        expect(outcomes.map(({ provider, status }) => [provider, status])).toEqual([
          ['tiingo', 'OK'],
          ['csv', 'OK'],
        ]);
        const facts = await loadMarketFacts(db, { policy: both, asOfDate: '2014-06-10', symbols: ['III'], pair: null });
        expect(facts.secondCloses).toEqual({ source: 'csv', closes: { III: '94.2' } });
        expect(facts.fetches.map(({ source, status }) => [source, status])).toEqual([
          ['csv', 'OK'],
          ['tiingo', 'OK'],
        ]);
        expect(facts.basis).toBe('raw');
      },
    );
  });
});

describe('facts', () => {
  const policy = policyWith({});

  it('hold nothing after the as-of date, and the newest outcome up to it', async () => {
    const fetcher = { db, dataDir, env: {} };
    drop('JJJ.csv', HEADER + row('2014-06-09', '93.7') + row('2014-06-10', '94.25'));
    await fetchPricesUnder(fetcher, { ...(await newRun('2014-06-10')), symbols: ['JJJ'], policy });
    drop('JJJ.csv', 'No data');
    await fetchPricesUnder(fetcher, { ...(await newRun('2014-06-11')), symbols: ['JJJ'], policy });
    const early = await loadMarketFacts(db, { policy, asOfDate: '2014-06-09', symbols: ['JJJ', 'ZZZ'], pair: null });
    expect(early.histories).toEqual([
      {
        symbol: 'JJJ',
        bars: [
          {
            symbol: 'JJJ',
            session: '2014-06-09',
            open: '93.7',
            high: '93.7',
            low: '93.7',
            close: '93.7',
            volume: '1000',
            adjClose: null,
          },
        ],
      },
      { symbol: 'ZZZ', bars: [] },
    ]);
    expect(early.fetches).toMatchObject([{ symbol: 'JJJ', status: 'OK' }]);
    const late = await loadMarketFacts(db, { policy, asOfDate: '2014-06-10', symbols: ['JJJ'], pair: null });
    expect(late.fetches).toMatchObject([{ symbol: 'JJJ', status: 'FAILED', code: 'EMPTY' }]);
    const universe = [
      {
        internalSymbol: 'JJJ',
        etoroSearchName: 'JJJ',
        name: 'J',
        kind: 'stock',
        listingCurrency: 'USD',
        tradable: true,
        enabled: true,
        verifiedOn: null,
        verifiedBy: null,
      },
    ] as const;
    const closes = (asOfDate: string) =>
      closesAt(db, { policy, universe: [...universe], base: 'USD', asOfDate, symbols: ['JJJ'] });
    expect(await closes('2014-06-10')).toEqual(new Map());
    expect((await closes('2014-06-09')).get('JJJ')).toEqual({
      price: '93.7',
      currency: 'USD',
      fx: '1',
      date: '2014-06-09',
    });
  });

  it('a ruling is kept with its reason, and the newest counts', async () => {
    const ruling = {
      symbol: 'GOOGL',
      exDate: '2014-04-03',
      kind: 'DIVIDEND' as const,
      operator: 'ann',
      ruledAt: '2014-04-04T08:00:00Z',
    };
    await insertRuling(db, { ...ruling, ruling: 'ignore', value: null, reason: 'not cash' });
    await insertRuling(db, { ...ruling, ruling: 'split', value: '2', reason: 'class C shares one for one' });
    expect(await listRulings(db, ['GOOGL'])).toMatchObject([
      { ruling: 'split', value: '2', reason: 'class C shares one for one' },
    ]);
  });
});

describe.runIf(existsSync(EOD_DEMO))('the real files of eod-demo (needs ../shared/data/eod-demo)', () => {
  it("22 symbols: every session of the window, splits known, GOOGL's distribution as published", async () => {
    const policy = policyWith({ csv_folder: EOD_DEMO });
    const symbols = readdirSync(EOD_DEMO)
      .filter((name) => /^[A-Z]+\.csv$/.test(name) && name !== 'GBPUSD.csv')
      .map((name) => name.slice(0, -4));
    const { outcomes } = await fetchPricesUnder(
      { db, dataDir, env: {} },
      {
        ...(await newRun('2014-07-01')),
        symbols,
        policy,
      },
    );
    expect(outcomes).toHaveLength(22);
    expect(
      outcomes.filter(
        ({ status, rowsNew, lastSession }) => status !== 'OK' || rowsNew !== 300 || lastSession !== '2014-06-30',
      ),
    ).toEqual([]);
    const facts = await loadMarketFacts(db, { policy, asOfDate: '2014-06-30', symbols, pair: null });
    expect(facts.histories.map(({ symbol, bars }) => [symbol, bars.length])).toEqual(
      symbols.toSorted().map((symbol) => [symbol, 65]),
    );
    expect(facts.actions.filter(({ kind }) => kind === 'SPLIT').map(({ symbol, value }) => [symbol, value])).toEqual([
      ['AAPL', '7'],
    ]);
    expect(facts.actions.find(({ symbol }) => symbol === 'GOOGL')).toMatchObject({
      exDate: '2014-04-03',
      value: '567.9717',
    });
  });

  it("a chart's closes of before the split of AAPL are divided by it, and no others", async () => {
    const cutoff = { kind: 'run', runId: randomUUID() } as const;
    const query = { source: 'csv', symbols: ['AAPL', 'MSFT'], asOfDate: '2014-06-30', cutoff };
    const [prices] = await askTogether(db, pricesQuestion(db, query));
    const [apple, microsoft] = prices.map(({ points }) => points);
    const at = (session: string) => apple?.find((point) => point.session === session);
    expect(at('2014-06-06')).toEqual({ session: '2014-06-06', close: '645.57', adjusted: '92.224286' });
    expect(at('2014-06-09')).toEqual({ session: '2014-06-09', close: '93.7', adjusted: '93.7' });
    expect(microsoft).toHaveLength(64);
    expect(microsoft?.every(({ close, adjusted }) => close === adjusted)).toBe(true);
  });
});
