import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Served } from './case.js';

/*
 * The providers of the network, as a local server that answers in their words: what a case serves is a series of daily
 * prices, and the layout is made here (docs/RULES.md 6).
 */
export type ServedSeries = Pick<Served, 'provider' | 'symbol' | 'named' | 'currency' | 'exchange' | 'splits'> & {
  /** Date, open, high, low, close, volume and adjusted close; an empty text where there is none. */
  rows: string[][];
};

export interface AnswerServer {
  /** Names the server and keys to whatever asks a provider. */
  env: NodeJS.ProcessEnv;
  serve(series: ServedSeries): void;
  stop(): Promise<void>;
}

/** Starts the server; until something is served it knows no symbol. */
export async function startAnswers(): Promise<AnswerServer> {
  const served = new Map<string, ServedSeries>();
  const server = createServer((request, response) => {
    const asked = askedOf(request);
    const series = asked && served.get(`${asked.provider} ${asked.symbol}`);
    const body = asked && series ? LAYOUTS[asked.provider](series, asked) : { detail: 'Not found.' };
    response.writeHead(series ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    env: {
      TIINGO_API_KEY: 'corpus',
      ALPHAVANTAGE_API_KEY: 'corpus',
      TRADING_OPS_RETRY_WAIT_MS: '5,40',
      TRADING_OPS_TIINGO_URL: url,
      TRADING_OPS_ALPHAVANTAGE_URL: url,
      TRADING_OPS_YAHOO_URL: url,
      TRADING_OPS_ECB_URL: url,
    },
    serve: (series) => void served.set(`${series.provider} ${series.symbol}`, series),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Asked {
  provider: Served['provider'];
  symbol: string;
  /** A currency pair. */
  isPair: boolean;
}

/** Which provider's address it is, and of which symbol or pair. */
function askedOf({ url = '' }: IncomingMessage): Asked | null {
  const { pathname, searchParams } = new URL(url, 'http://corpus');
  const parts = pathname.split('/').map(decodeURIComponent);
  if (parts[1] === 'tiingo') return { provider: 'tiingo', symbol: symbolOf(parts[3]), isPair: parts[2] === 'fx' };
  if (parts[1] === 'v8')
    return { provider: 'yahoo', symbol: symbolOf(parts[4]), isPair: parts[4]?.endsWith('=X') === true };
  if (parts[1] !== 'query') return null;
  const [from, to] = [searchParams.get('from_symbol'), searchParams.get('to_symbol')];
  const symbol = from === null ? symbolOf(searchParams.get('symbol') ?? '') : `${from}${to}`;
  return { provider: 'alphavantage', symbol, isPair: from !== null };
}

const symbolOf = (name = ''): string => name.toUpperCase().replace(/=X$/, '').replaceAll('-', '.');

type Layout = (series: ServedSeries, asked: Asked) => unknown;
const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;
const figuresOf = ([, ...cells]: string[]): Record<(typeof COLUMNS)[number], number> =>
  Object.fromEntries(COLUMNS.map((name, at) => [name, Number(cells[at] || 0)])) as never;
const adjustedOf = (row: string[]): number => Number(row[6] || row[4]);

const LAYOUTS: Record<Served['provider'], Layout> = {
  tiingo: ({ rows, named, currency, exchange, splits = {} }) =>
    rows.map((row) => ({
      date: `${row[0]}T00:00:00.000Z`,
      ...figuresOf(row),
      adjClose: adjustedOf(row),
      divCash: 0,
      splitFactor: Number(splits[row[0] as string] ?? 1),
      ...(named !== undefined && { ticker: named }),
      ...(currency !== undefined && { currency }),
      ...(exchange !== undefined && { exchangeCode: exchange }),
    })),
  yahoo: ({ rows, symbol, named, currency = 'USD', exchange, splits = {} }, { isPair }) => ({
    chart: {
      error: null,
      result: [
        {
          meta: {
            currency,
            symbol: named ?? (isPair ? `${symbol}=X` : symbol.replaceAll('.', '-')),
            exchangeTimezoneName: isPair ? 'Europe/London' : 'America/New_York',
            ...(exchange !== undefined && { exchangeName: exchange }),
          },
          timestamp: rows.map(([date]) => secondsOf(date)),
          events: {
            splits: Object.fromEntries(
              Object.entries(splits).map(([date, ratio]) => [
                secondsOf(date),
                { date: secondsOf(date), numerator: Number(ratio), denominator: 1, splitRatio: `${ratio}:1` },
              ]),
            ),
          },
          indicators: {
            quote: [Object.fromEntries(COLUMNS.map((name) => [name, rows.map((row) => figuresOf(row)[name])]))],
            adjclose: [{ adjclose: rows.map(adjustedOf) }],
          },
        },
      ],
    },
  }),
  alphavantage: ({ rows, symbol, named, splits = {} }, { isPair }) =>
    isPair
      ? {
          'Meta Data': { '2. From Symbol': (named ?? symbol).slice(0, 3), '3. To Symbol': (named ?? symbol).slice(3) },
          'Time Series FX (Daily)': byDate(rows, ([, open, high, low, close]) => numbered({ open, high, low, close })),
        }
      : {
          'Meta Data': { '2. Symbol': named ?? symbol },
          'Time Series (Daily)': byDate(rows, (row) => {
            const [date = '', open, high, low, close, volume = '0'] = row;
            const adjusted = { 'adjusted close': String(adjustedOf(row)), volume };
            const actions = { 'dividend amount': '0.0000', 'split coefficient': splits[date] ?? '1.0' };
            return numbered({ open, high, low, close, ...adjusted, ...actions });
          }),
        },
};

/** Both New York and London are on the date at this hour. */
const secondsOf = (date = ''): number => Date.parse(`${date}T14:30:00Z`) / 1_000;
const byDate = (rows: string[][], of: (row: string[]) => unknown) =>
  Object.fromEntries(rows.toReversed().map((row) => [row[0], of(row)]));
const numbered = (fields: Record<string, string | undefined>) =>
  Object.fromEntries(Object.entries(fields).map(([name, value], at) => [`${at + 1}. ${name}`, value]));
