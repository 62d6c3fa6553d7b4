import type { Bar, IsoDate } from '../domain/types.js';
import { dayOf, dollarActions, dollarBars, ratesOfPair } from './answers.js';
import type { ProviderOptions } from './options.js';
import { accessTo, excerpt, jsonOf, objectOf, refuseStatus, type HttpAccess } from './http-provider.js';
import { dateOfField, decimalOf } from './numbers.js';
import {
  asOutcome,
  FetchError,
  type EodProvider,
  type FxProvider,
  type ProviderAnswer,
  type PublishedAction,
} from './provider.js';
import { refuseOther, refuseOtherPair } from './identity.js';
import { providerSymbol } from './symbols.js';

const ALPHA_VANTAGE = {
  name: 'alphavantage',
  baseUrl: 'https://www.alphavantage.co/',
  urlVariable: 'TRADING_OPS_ALPHAVANTAGE_URL',
  keyVariable: 'ALPHAVANTAGE_API_KEY',
};
/** `compact` answers hold 100 rows; beyond about as many sessions the whole history has to be asked for. */
const COMPACT_DAYS = 140;
const DAY_MS = 86_400_000;

/**
 * Alpha Vantage's daily bars, raw as traded. The adjusted function, which also gives dividends and splits, needs a paid
 * key; where it is refused for that reason the free one is used: 100 bars, no actions, no adjusted close.
 */
export function createAlphaVantageProvider(options: ProviderOptions): EodProvider {
  let paid = true;
  return {
    name: 'alphavantage',
    fetchBars: ({ symbol, from, to, signal }) =>
      asOutcome(async () => {
        const access = accessTo(options, ALPHA_VANTAGE);
        const days = (options.now().getTime() - Date.parse(`${from}T00:00:00Z`)) / DAY_MS;
        const outputsize = days > COMPACT_DAYS ? 'full' : 'compact';
        const name = providerSymbol('alphavantage', symbol);
        const ask = (given: Record<string, string>) =>
          query(access, { symbol: name, datatype: 'json', ...given }, signal);
        const read = (answer: Asked) => barsAnswer(answer, { symbol, from, to }, options.now());
        try {
          if (paid) return read(await ask({ function: 'TIME_SERIES_DAILY_ADJUSTED', outputsize }));
        } catch (error) {
          if (!(error instanceof FetchError) || error.code !== 'PREMIUM_ONLY') throw error;
          paid = false;
        }
        return read(await ask({ function: 'TIME_SERIES_DAILY', outputsize: 'compact' }));
      }),
  };
}

interface Asked {
  content: Record<string, unknown>;
  body: Buffer;
  request: string;
}

async function query(
  { client, baseUrl, key }: HttpAccess,
  given: Record<string, string>,
  signal: AbortSignal | undefined,
): Promise<Asked> {
  const url = new URL('query', baseUrl);
  url.search = new URLSearchParams({ ...given, apikey: key }).toString();
  const answer = await client.get(url, {}, signal);
  refuseStatus(answer, 'alphavantage', client.redact);
  const content = objectOf(jsonOf(answer, 'alphavantage', client.redact), 'the answer of alphavantage');
  refuseErrorObject(content, client.redact);
  return { content, body: answer.body, request: client.redact(`GET ${url.href}`) };
}

/** Errors come with status 200 under one of three keys, and may repeat the key that was used. */
function refuseErrorObject(content: Record<string, unknown>, hide: (text: string) => string): void {
  for (const field of ['Error Message', 'Information', 'Note']) {
    if (typeof content[field] !== 'string') continue;
    throw new FetchError(meaningOf(field, content[field]), `alphavantage said: ${excerpt(content[field], hide)}`);
  }
}

// Limit texts advertise premium plans, so limits are looked for first.
function meaningOf(field: string, text: string): FetchError['code'] {
  if (/rate limit|call frequency|requests? per (?:day|minute|second)|calls per (?:day|minute)/i.test(text))
    return 'RATE_LIMITED';
  if (/premium (?:endpoint|feature|function)|subscribe to any of the premium/i.test(text)) return 'PREMIUM_ONLY';
  if (/api ?key/i.test(text)) return 'UNAUTHORISED';
  return field === 'Error Message' ? 'NOT_FOUND' : 'RATE_LIMITED';
}

function barsAnswer(
  { content, body, request }: Asked,
  { symbol, from, to }: { symbol: string; from: IsoDate; to: IsoDate },
  now: Date,
): ProviderAnswer {
  refuseOther({
    said: { symbol: metaOf(content)['2. Symbol'] },
    symbol,
    asked: providerSymbol('alphavantage', symbol),
    where: 'alphavantage: the answer',
  });
  const series = objectOf(content['Time Series (Daily)'], 'alphavantage: Time Series (Daily)');
  if (Object.keys(series).length === 0) throw new FetchError('EMPTY', `alphavantage has no bars of ${symbol}`);
  const bars: Bar[] = [];
  const actions: PublishedAction[] = [];
  for (const [date, value] of Object.entries(series)) {
    const session = dateOfField(date, `alphavantage: ${symbol}`);
    if (session < from || session > to) continue;
    const fields = objectOf(value, `alphavantage: ${symbol} ${session}`);
    bars.push(barOf(fields, symbol, session));
    actions.push(...actionsOf(fields, symbol, session));
  }
  return dollarBars({ symbol, bars, actions }, { request, body, now });
}

/** What the answer says of itself; an answer without it says nothing. */
const metaOf = (content: Record<string, unknown>): Record<string, unknown> =>
  content['Meta Data'] === undefined ? {} : objectOf(content['Meta Data'], 'alphavantage: Meta Data');

/** A figure by its name: the numbers before the names differ between the two functions. */
function figure(fields: Record<string, unknown>, name: string, where: string): string {
  const key = Object.keys(fields).find((field) => field.replace(/^\d+\. /, '') === name);
  return decimalOf(key === undefined ? undefined : fields[key], `${where}: ${name}`);
}

const byName = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.replace(/^\d+\. /, ''), value]));

const has = (fields: Record<string, unknown>, name: string) =>
  Object.keys(fields).some((field) => field.endsWith(`. ${name}`));

function barOf(fields: Record<string, unknown>, symbol: string, session: IsoDate): Bar {
  const where = `alphavantage: ${symbol} ${session}`;
  return {
    symbol,
    session,
    open: figure(fields, 'open', where),
    high: figure(fields, 'high', where),
    low: figure(fields, 'low', where),
    close: figure(fields, 'close', where),
    volume: figure(fields, 'volume', where),
    adjClose: has(fields, 'adjusted close') ? figure(fields, 'adjusted close', where) : null,
  };
}

function actionsOf(fields: Record<string, unknown>, symbol: string, exDate: IsoDate): PublishedAction[] {
  const where = `alphavantage: ${symbol} ${exDate}`;
  const dividend = has(fields, 'dividend amount') ? figure(fields, 'dividend amount', where) : '0';
  const split = has(fields, 'split coefficient') ? figure(fields, 'split coefficient', where) : '1';
  return dollarActions({ symbol, exDate, source: 'alphavantage' }, dividend, split);
}

/** Alpha Vantage's daily FX: the close of its day. */
export function createAlphaVantageFxProvider(options: ProviderOptions): FxProvider {
  return {
    name: 'alphavantage',
    fetchRates: ({ pair, from, to, signal }) =>
      asOutcome(async () => {
        const access = accessTo(options, ALPHA_VANTAGE);
        const { content, body, request } = await query(
          access,
          {
            function: 'FX_DAILY',
            from_symbol: pair.slice(0, 3),
            to_symbol: pair.slice(3),
            outputsize: 'compact',
            datatype: 'json',
          },
          signal,
        );
        const meta = metaOf(content);
        refuseOtherPair([meta['2. From Symbol'], meta['3. To Symbol']], pair, 'alphavantage: the answer');
        const series = objectOf(content['Time Series FX (Daily)'], 'alphavantage: Time Series FX (Daily)');
        const rates = Object.entries(series)
          .map(([date, value]) => ({
            date: dateOfField(date, `alphavantage: ${pair}`),
            fields: objectOf(value, `alphavantage: ${pair} ${date}`),
          }))
          .filter(({ date }) => date >= from && date <= to)
          .map(({ date, fields }) => ({
            date,
            ...dayOf(byName(fields), (name) => figure(fields, name, `alphavantage: ${pair} ${date}`)),
          }))
          .toSorted((a, b) => (a.date < b.date ? -1 : 1));
        if (rates.length === 0)
          throw new FetchError('EMPTY', `alphavantage has no rate of ${pair} from ${from} to ${to}`);
        return ratesOfPair({ pair, rates }, { request, body, now: options.now() });
      }),
  };
}
