import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policySchema } from '../../src/domain/policy/policy.js';
import type { Bar } from '../../src/domain/types.js';
import { createFxProvider, createProvider } from '../../src/providers/create.js';
import type { FetchFailure, FxProviderName, ProviderAnswer, ProviderName } from '../../src/providers/provider.js';

/**
 * Every provider against a real local server that answers what docs/RULES.md 6 expects of one. The figures of the
 * sound answers are the
 * real ones of AAPL around its 7:1 split of 2014-06-09 (eod-demo, Alpha Vantage) and of GBPUSD.
 */
type Respond = (request: IncomingMessage, response: ServerResponse, hit: number) => void;

const KEY = 'k3y+secret/0815';
let server: Server;
let hits: IncomingMessage[];
let respond: Respond;

beforeEach(async () => {
  hits = [];
  respond = (_request, response) => response.end('{}');
  server = createServer((request, response) => {
    hits.push(request);
    respond(request, response, hits.length);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function options({ attempts = 2, timeout = 30, now = '2014-06-12T07:00:00Z' } = {}) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env = {
    TIINGO_API_KEY: KEY,
    ALPHAVANTAGE_API_KEY: KEY,
    TRADING_OPS_RETRY_WAIT_MS: '5,40',
    TRADING_OPS_TIINGO_URL: url,
    TRADING_OPS_ALPHAVANTAGE_URL: url,
    TRADING_OPS_YAHOO_URL: url,
    TRADING_OPS_ECB_URL: url,
  };
  const policy = policySchema.parse({
    version: 1,
    accounts: { main: { base_currency: 'GBP' } },
    operators: ['ann'],
    market_data: { provider: 'tiingo', timeout_seconds: timeout, max_attempts: attempts, requests_per_minute: 6_000 },
  });
  return { policy, dataDir: '/nonexistent', env, now: () => new Date(now) };
}

async function fetchBars(
  name: ProviderName,
  range = { from: '2014-06-05', to: '2014-06-10' },
  given: Parameters<typeof options>[0] = {},
  symbol = 'AAPL',
) {
  return (await createProvider(name, options(given))).fetchBars({ symbol, ...range });
}

async function fetchRates(name: FxProviderName, given: Parameters<typeof options>[0] = {}) {
  return (await createFxProvider(name, options(given))).fetchRates({
    pair: 'GBPUSD',
    from: '2014-06-05',
    to: '2014-06-10',
  });
}

function answerOf(outcome: ProviderAnswer | FetchFailure): ProviderAnswer & { bars: Bar[] } {
  if (!outcome.ok) throw new Error(`${outcome.code}: ${outcome.message}`);
  return { ...outcome, bars: [...(outcome.bars as Bar[])] };
}

const json =
  (value: unknown): Respond =>
  (_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
const text =
  (value: string, status = 200): Respond =>
  (_request, response) =>
    response.writeHead(status).end(value);

const tiingoRow = (date: string, close: number, rest: object = {}) => ({
  date: `${date}T00:00:00.000Z`,
  open: close,
  high: close + 1,
  low: close - 1,
  close,
  volume: 75_414_997,
  adjOpen: 1,
  adjHigh: 1,
  adjLow: 1,
  adjClose: 23.4231,
  adjVolume: 1,
  divCash: 0,
  splitFactor: 1,
  ...rest,
});
const tiingoRows = [
  tiingoRow('2014-06-05', 647.35),
  tiingoRow('2014-06-06', 645.57),
  tiingoRow('2014-06-09', 93.7, { splitFactor: 7.00000700001 }),
  tiingoRow('2014-06-10', 94.25),
];

const avRow = (close: string, split = '1.0', dividend = '0.0000') => ({
  '1. open': close,
  '2. high': close,
  '3. low': close,
  '4. close': close,
  '5. adjusted close': '20.9203',
  '6. volume': '75414997',
  '7. dividend amount': dividend,
  '8. split coefficient': split,
});
const avSeries = {
  'Meta Data': { '2. Symbol': 'AAPL' },
  'Time Series (Daily)': {
    '2014-06-11': avRow('93.86'),
    '2014-06-10': avRow('94.25'),
    '2014-06-09': avRow('93.7', '7.00000700001'),
    '2014-06-06': avRow('645.57'),
  },
};

const at = (date: string, time = '13:30') => Date.parse(`${date}T${time}:00Z`) / 1_000;
function yahooChart({
  timestamps = [at('2014-06-06'), at('2014-06-09'), at('2014-06-10')],
  closes = [92.22428894042969, 93.69999694824219, 94.25] as (number | null)[],
  meta = {},
  events = {},
} = {}) {
  return {
    chart: {
      error: null,
      result: [
        {
          meta: {
            currency: 'USD',
            symbol: 'AAPL',
            exchangeTimezoneName: 'America/New_York',
            regularMarketTime: at('2014-06-10', '20:00'),
            ...meta,
          },
          timestamp: timestamps,
          events,
          indicators: {
            quote: [
              {
                open: closes,
                high: closes,
                low: closes,
                close: closes,
                volume: closes.map((close) => (close === null ? null : 75_414_997)),
              },
            ],
            adjclose: [{ adjclose: closes }],
          },
        },
      ],
    },
  };
}

function zipOf(name: string, content: Buffer): Buffer {
  const packed = deflateRawSync(content);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(packed.length, 18);
  head.writeUInt32LE(content.length, 22);
  head.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(content.length, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + packed.length, 16);
  return Buffer.concat([head, Buffer.from(name), packed, entry, Buffer.from(name), end]);
}
const ECB_CSV =
  'Date,USD,JPY,GBP,\n2014-06-11,1.3538,138.17,0.80595,\n2014-06-10,1.3547,138.49,0.8075,\n2014-06-09,1.3627,139.62,0.811,\n2014-06-08,1,1,N/A,\n2014-06-06,1.3642,139.6,0.8115,\n';

describe('what went well', () => {
  it('tiingo: raw bars, the adjusted close as an observation, a split with its repeating decimals cleaned, the key in a header', async () => {
    respond = json(tiingoRows);
    const answer = answerOf(await fetchBars('tiingo'));
    expect(answer.basis).toBe('raw');
    expect(answer.bars.at(-1)).toEqual({
      symbol: 'AAPL',
      session: '2014-06-10',
      open: '94.25',
      high: '95.25',
      low: '93.25',
      close: '94.25',
      volume: '75414997',
      adjClose: '23.4231',
    });
    expect(answer.actions).toEqual([
      {
        symbol: 'AAPL',
        exDate: '2014-06-09',
        kind: 'SPLIT',
        value: '7',
        published: '7.00000700001',
        source: 'tiingo',
        currency: null,
        payload: 0,
      },
    ]);
    expect(hits[0]?.url).toBe('/tiingo/daily/AAPL/prices?startDate=2014-06-05&endDate=2014-06-10&format=json');
    expect(hits[0]?.headers.authorization).toBe(`Token ${KEY}`);
    expect(answer.payloads[0]?.request).not.toContain(KEY);
  });

  it('tiingo: class shares are asked for with a dash', async () => {
    respond = json(tiingoRows);
    expect(answerOf(await fetchBars('tiingo', undefined, {}, 'BRK.B')).bars[0]?.symbol).toBe('BRK.B');
    expect(hits[0]?.url).toContain('/BRK-B/');
  });

  it('alphavantage: raw bars with actions, nothing outside the window, the key redacted from the kept request', async () => {
    respond = json(avSeries);
    const answer = answerOf(await fetchBars('alphavantage'));
    expect(answer.bars.map(({ session }) => session).toSorted()).toEqual(['2014-06-06', '2014-06-09', '2014-06-10']);
    expect(answer.actions.map(({ value }) => value)).toEqual(['7']);
    expect(hits[0]?.url).toContain(encodeURIComponent(KEY));
    expect(answer.payloads[0]?.request).toContain('apikey=***');
  });

  it('alphavantage: a free key falls back to the function without actions', async () => {
    const plain = {
      'Time Series (Daily)': {
        '2014-06-10': { '1. open': '1', '2. high': '1', '3. low': '1', '4. close': '94.25', '5. volume': '7' },
      },
    };
    respond = (request, response) =>
      json(request.url?.includes('ADJUSTED') ? { Information: 'Thank you! This is a premium endpoint.' } : plain)(
        request,
        response,
        0,
      );
    const answer = answerOf(await fetchBars('alphavantage'));
    expect(answer.bars).toEqual([
      {
        symbol: 'AAPL',
        session: '2014-06-10',
        open: '1',
        high: '1',
        low: '1',
        close: '94.25',
        volume: '7',
        adjClose: null,
      },
    ]);
  });

  it('yahoo: split-adjusted bars without float noise, nulls left out, actions from the events', async () => {
    respond = json(
      yahooChart({
        timestamps: [at('2014-06-05'), at('2014-06-06'), at('2014-06-09'), at('2014-06-10')],
        closes: [null, 92.22428894042969, 93.69999694824219, 94.25],
        events: {
          splits: { 1: { numerator: 7, denominator: 1, splitRatio: '7:1', date: at('2014-06-09') } },
          dividends: { 2: { amount: 0.47, date: at('2014-05-08') } },
        },
      }),
    );
    const answer = answerOf(await fetchBars('yahoo'));
    expect(answer.basis).toBe('split');
    expect(answer.bars.map(({ session, close }) => [session, close])).toEqual([
      ['2014-06-06', '92.22429'],
      ['2014-06-09', '93.7'],
      ['2014-06-10', '94.25'],
    ]);
    expect(answer.actions.map(({ kind, value, exDate }) => [kind, value, exDate])).toEqual([
      ['DIVIDEND', '0.47', '2014-05-08'],
      ['SPLIT', '7', '2014-06-09'],
    ]);
  });

  it('yahoo: the day under way is dropped, within the range asked for and past it', async () => {
    const timestamps = [at('2014-06-09'), at('2014-06-10', '17:45'), at('2014-06-11', '15:00')];
    respond = json(
      yahooChart({ timestamps, closes: [93.7, 94.1, 93.9], meta: { regularMarketTime: at('2014-06-10', '17:45') } }),
    );
    expect(answerOf(await fetchBars('yahoo')).bars.map(({ session }) => session)).toEqual(['2014-06-09']);
  });

  it('ecb: crosses of the packed history, gaps and weekends left out, oldest first', async () => {
    respond = (_request, response) => response.end(zipOf('eurofxref-hist.csv', Buffer.from(ECB_CSV)));
    const answer = await fetchRates('ecb');
    expect(answer).toMatchObject({
      ok: true,
      rates: [
        { date: '2014-06-06', rate: '1.681084' },
        { date: '2014-06-09', rate: '1.680271' },
        { date: '2014-06-10', rate: '1.677647' },
      ],
    });
  });

  it.each([
    [
      'tiingo',
      [
        { date: '2014-06-10T00:00:00.000Z', ticker: 'gbpusd', open: 1.6, high: 1.7, low: 1.6, close: 1.67552 },
        { date: '2014-06-11T00:00:00.000Z', close: 9 },
      ],
    ],
    [
      'alphavantage',
      {
        'Time Series FX (Daily)': {
          '2014-06-11': { '4. close': '9' },
          '2014-06-10': { '1. open': '1', '4. close': '1.67552' },
        },
      },
    ],
    [
      'yahoo',
      yahooChart({
        timestamps: [at('2014-06-09', '23:00'), at('2014-06-10', '23:00')],
        closes: [1.6755199432373047, 9],
        meta: { symbol: 'GBPUSD=X', currency: 'USD', exchangeTimezoneName: 'Europe/London' },
      }),
    ],
  ] as const)('%s: a rate of its own day and nothing after the date asked for', async (name, body) => {
    respond = json(body);
    expect(await fetchRates(name)).toMatchObject({ ok: true, rates: [{ date: '2014-06-10', rate: '1.67552' }] });
  });

  it('a packed answer is unpacked', async () => {
    respond = (_request, response) =>
      response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify(tiingoRows)));
    expect(answerOf(await fetchBars('tiingo')).bars).toHaveLength(4);
  });
});

describe('what a 200 can mean besides data', () => {
  const HTML = '<!DOCTYPE html><html><body>Verifying your browser</body></html>';
  const LIMIT = `We have detected your API key as ${KEY} and our standard API rate limit is 25 requests per day. Please subscribe to any of the premium plans.`;

  it.each<[string, ProviderName, Respond, string]>([
    ['a web page', 'tiingo', text(HTML), 'HTML_INSTEAD_OF_DATA'],
    ['a web page', 'alphavantage', text(HTML), 'HTML_INSTEAD_OF_DATA'],
    ['a web page', 'yahoo', text(HTML), 'HTML_INSTEAD_OF_DATA'],
    ['the daily limit as a sentence', 'tiingo', text('Exceeded the daily hits limit!\n'), 'RATE_LIMITED'],
    ['no data as a sentence', 'yahoo', text('No data'), 'EMPTY'],
    ['an empty body', 'tiingo', text(''), 'EMPTY'],
    ['an empty body', 'yahoo', text(''), 'EMPTY'],
    ['an empty list', 'tiingo', json([]), 'EMPTY'],
    [
      'an error object',
      'alphavantage',
      json({ 'Error Message': 'Invalid API call. Please retry or visit the documentation' }),
      'NOT_FOUND',
    ],
    [
      'a bad key',
      'alphavantage',
      json({ 'Error Message': 'the parameter apikey is invalid or missing.' }),
      'UNAUTHORISED',
    ],
    [
      'a limit note',
      'alphavantage',
      json({ Note: 'Our standard API call frequency is 5 calls per minute' }),
      'RATE_LIMITED',
    ],
    ['a limit that repeats the key', 'alphavantage', json({ Information: LIMIT }), 'RATE_LIMITED'],
    ['an object without its key', 'alphavantage', json({ 'Meta Data': {} }), 'BAD_LAYOUT'],
    ['an object where a list belongs', 'tiingo', json({ detail: 'Not found.' }), 'NOT_FOUND'],
    [
      'an over-limit detail that repeats the key',
      'tiingo',
      json({ detail: `Error: You have run over your hourly request allocation, token ${KEY}` }),
      'RATE_LIMITED',
    ],
    ['a figure that is none', 'tiingo', json([tiingoRow('2014-06-10', 94.25, { close: 'N/D' })]), 'BAD_NUMBER'],
    ['a figure that is null', 'tiingo', json([tiingoRow('2014-06-10', 94.25, { volume: null })]), 'BAD_NUMBER'],
    [
      'a figure that is none',
      'alphavantage',
      json({ 'Time Series (Daily)': { '2014-06-10': avRow('N/D') } }),
      'BAD_NUMBER',
    ],
    ['a date that is none', 'tiingo', json([tiingoRow('2014-13-10', 94.25)]), 'BAD_DATE'],
    ['JSON that breaks off', 'tiingo', text(JSON.stringify(tiingoRows).slice(0, 200)), 'TRUNCATED'],
    [
      'chart.error',
      'yahoo',
      json({
        chart: { result: null, error: { code: 'Not Found', description: 'No data found, symbol may be delisted' } },
      }),
      'NOT_FOUND',
    ],
    [
      'a chart without timestamps',
      'yahoo',
      json({ chart: { error: null, result: [{ meta: { currency: 'USD' }, indicators: { quote: [{}] } }] } }),
      'EMPTY',
    ],
    ['columns of unequal length', 'yahoo', json(yahooChart({ timestamps: [at('2014-06-10')] })), 'TRUNCATED'],
    [
      'a half-null row',
      'yahoo',
      json({
        chart: {
          error: null,
          result: [
            {
              ...yahooChart().chart.result[0],
              indicators: {
                quote: [{ open: [1, 1, null], high: [1, 1, 1], low: [1, 1, 1], close: [1, 1, 1], volume: [1, 1, 1] }],
              },
            },
          ],
        },
      }),
      'BAD_NUMBER',
    ],
    ['pence', 'yahoo', json(yahooChart({ meta: { currency: 'GBp' } })), 'BAD_CURRENCY'],
    ['a namesake in euros', 'yahoo', json(yahooChart({ meta: { currency: 'EUR' } })), 'SYMBOL_MISMATCH'],
    ['bare words', 'yahoo', text('Will be right back...'), 'BAD_LAYOUT'],
  ])('%s from %s', async (_what, name, how, code) => {
    respond = how;
    const outcome = await fetchBars(name);
    expect(outcome).toMatchObject({ ok: false, code });
    expect(JSON.stringify(outcome)).not.toContain(KEY);
  });

  it.each<[string, Respond, string]>([
    ['a web page', text(HTML), 'HTML_INSTEAD_OF_DATA'],
    [
      'an archive cut short',
      (_request, response) => response.end(zipOf('f.csv', Buffer.from(ECB_CSV)).subarray(0, 120)),
      'TRUNCATED',
    ],
    [
      'an archive with a damaged middle',
      (_request, response) => {
        const archive = zipOf('f.csv', Buffer.from(ECB_CSV));
        response.end(archive.fill(0xff, 45, 60));
      },
      'TRUNCATED',
    ],
    ['a header alone', text('Date,USD,GBP,\n'), 'EMPTY'],
    ['a row that breaks off', text('Date,USD,GBP,\n2014-06-10,1.3547,0.8075,\n2014-06-09,1.36'), 'TRUNCATED'],
    ['a rate that is none', text('Date,USD,GBP,\n2014-06-10,N/D,0.8075,\n'), 'BAD_NUMBER'],
    ['a table without the currency', text('Date,USD,JPY,\n2014-06-10,1.3547,138.4,\n'), 'NOT_FOUND'],
    ['an empty body', text(''), 'EMPTY'],
  ])('%s from ecb', async (_what, how, code) => {
    respond = how;
    expect(await fetchRates('ecb')).toMatchObject({ ok: false, code });
  });
});

describe('the way there', () => {
  it.each<[string, Respond, string]>([
    ['401', text(`{"detail":"Invalid token ${KEY}"}`, 401), 'UNAUTHORISED'],
    ['403', text('<html>Forbidden</html>', 403), 'REFUSED'],
    ['404', text('{"detail":"Error: Ticker \'NOPE\' not found"}', 404), 'NOT_FOUND'],
    ['418', text('no', 418), 'HTTP_4XX'],
    ['429 every time', text('Too Many Requests', 429), 'RATE_LIMITED'],
    ['500 every time', text(`oops ${KEY}`, 500), 'HTTP_5XX'],
    ['a redirect loop', (_request, response) => response.writeHead(302, { location: '/again' }).end(), 'REDIRECT_LOOP'],
    ['a connection that is reset', (request) => request.socket.destroy(), 'CONNECTION_LOST'],
    [
      'a body that breaks off',
      (_request, response) => {
        response.writeHead(200, { 'content-length': 5_000 }).write('[{"date":"2014');
        setTimeout(() => response.destroy(), 20);
      },
      'TRUNCATED',
    ],
    [
      'a packed body cut short',
      (_request, response) =>
        response.setHeader('content-encoding', 'gzip').end(gzipSync(JSON.stringify(tiingoRows)).subarray(0, 90)),
      'TRUNCATED',
    ],
  ])('%s', async (_what, how, code) => {
    respond = how;
    const outcome = await fetchBars('tiingo');
    expect(outcome).toMatchObject({ ok: false, code });
    expect(JSON.stringify(outcome)).not.toContain(KEY);
  });

  it('an answer that never comes is a time-out', async () => {
    respond = () => undefined;
    expect(await fetchBars('tiingo', undefined, { timeout: 0.2, attempts: 1 })).toMatchObject({
      ok: false,
      code: 'TIMEOUT',
    });
  });

  it('nobody listening is said', async () => {
    const given = options({ attempts: 1 });
    server.close();
    await once(server, 'close');
    expect(
      await (await createProvider('tiingo', given)).fetchBars({ symbol: 'AAPL', from: '2014-06-05', to: '2014-06-10' }),
    ).toMatchObject({ ok: false, code: 'UNREACHABLE' });
  });

  it.each<[string, Respond]>([
    [
      '429 with Retry-After',
      (_request, response) => response.writeHead(429, { 'retry-after': '1' }).end('Too Many Requests'),
    ],
    ['429 without Retry-After', text('Too Many Requests', 429)],
    ['503', text('busy', 503)],
    ['a reset', (request) => request.socket.destroy()],
  ])('%s once, then data: tried again and used', async (_what, first) => {
    respond = (request, response, hit) => (hit === 1 ? first : json(tiingoRows))(request, response, hit);
    expect((await fetchBars('tiingo')).ok).toBe(true);
    expect(hits).toHaveLength(2);
  });

  it('attempts are bounded by the policy, and what will not change is asked once', async () => {
    respond = text('oops', 500);
    await fetchBars('tiingo', undefined, { attempts: 3 });
    expect(hits).toHaveLength(3);
    hits.length = 0;
    respond = text('{"detail":"Not found."}', 404);
    await fetchBars('tiingo', undefined, { attempts: 3 });
    expect(hits).toHaveLength(1);
  });

  it.each(['tiingo', 'alphavantage'] as const)('%s without a key asks nobody', async (name) => {
    const given = options();
    const provider = await createProvider(name, {
      ...given,
      env: { ...given.env, TIINGO_API_KEY: ' ', ALPHAVANTAGE_API_KEY: '' },
    });
    expect(await provider.fetchBars({ symbol: 'AAPL', from: '2014-06-05', to: '2014-06-10' })).toMatchObject({
      ok: false,
      code: 'KEY_MISSING',
    });
    expect(hits).toHaveLength(0);
  });
});

describe('a host that says nothing', () => {
  it('is asked a few times, then no more: forty symbols end as soon as one', { timeout: 30_000 }, async () => {
    respond = () => undefined;
    const provider = await createProvider('tiingo', options({ attempts: 1, timeout: 1 }));
    const symbols = Array.from({ length: 40 }, (_, n) => `S${n}`);
    const outcomes = await Promise.all(
      symbols.map((symbol) => provider.fetchBars({ symbol, from: '2014-06-05', to: '2014-06-10' })),
    );
    const codes = outcomes.map((outcome) => (outcome.ok ? 'OK' : outcome.code));
    // Four are under way at once; those that were asked before the third fell silent say so themselves.
    expect(codes.filter((code) => code === 'TIMEOUT').length).toBeLessThanOrEqual(8);
    expect(new Set(codes)).toEqual(new Set(['TIMEOUT', 'UNREACHABLE']));
    expect(hits.length).toBeLessThanOrEqual(8);
  });

  it('and one that answers again in between is asked on', async () => {
    respond = (_request, response, hit) => (hit % 3 === 0 ? response.end('[]') : response.destroy());
    const provider = await createProvider('tiingo', options({ attempts: 1 }));
    for (let n = 0; n < 12; n++) await provider.fetchBars({ symbol: `S${n}`, from: '2014-06-05', to: '2014-06-10' });
    expect(hits.length).toBe(12);
  });
});
