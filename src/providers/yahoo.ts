import { cleanRatio } from '../domain/market/ratio.js';
import { isSession, sessionCloseAt } from '../domain/calendar/calendar.js';
import type { Policy } from '../domain/policy/policy.js';
import type { Bar, IsoDate } from '../domain/types.js';
import type { ProviderOptions } from './options.js';
import { accessTo, arrayOf, excerpt, jsonOf, objectOf, refuseStatus } from './http-provider.js';
import { decimalOf, withoutFloatNoise } from './numbers.js';
import { asOutcome, FetchError, type EodProvider, type FxProvider, type PublishedAction } from './provider.js';
import { refuseOther, refuseOtherPair } from './identity.js';
import { providerPair, providerSymbol } from './symbols.js';
import { D, toText } from '../domain/money.js';

const YAHOO = { name: 'yahoo', baseUrl: 'https://query2.finance.yahoo.com/', urlVariable: 'TRADING_OPS_YAHOO_URL' };
const DAY_SECONDS = 86_400;

/** A chart answer after its shape was checked. */
interface Chart {
  meta: Record<string, unknown>;
  timestamps: number[];
  quote: Record<string, unknown[]>;
  adjClose: unknown[] | null;
  events: Record<string, unknown>;
  body: Buffer;
  request: string;
}

/**
 * Yahoo's unofficial chart interface: prices split-adjusted as of today, with an adjusted close (docs/RULES.md 6.3). The day under
 * way, which Yahoo appends even past the range asked for, is dropped.
 */
export function createYahooProvider(options: ProviderOptions): EodProvider {
  return {
    name: 'yahoo',
    fetchBars: ({ symbol, from, to, signal }) =>
      asOutcome(async () => {
        const chart = await fetchChart(options, providerSymbol('yahoo', symbol), { from, to, signal });
        const currency = currencyOf(chart);
        const { symbol: named, exchangeName } = chart.meta;
        const asked = providerSymbol('yahoo', symbol);
        const said = { symbol: named, currency, exchange: exchangeName };
        // Listings are in dollars, as with every provider: a namesake in euros is another instrument.
        refuseOther({ said, symbol, asked, currency: 'USD', where: 'yahoo: the answer' });
        const bars = barsOf(chart, symbol, options.policy.calendar).filter(
          ({ session }) => session >= from && session <= to,
        );
        if (bars.length === 0) throw new FetchError('EMPTY', `yahoo has no bars of ${symbol} from ${from} to ${to}`);
        return {
          ok: true,
          symbol,
          bars,
          actions: actionsOf(chart, symbol, currency).filter(({ exDate }) => exDate <= to),
          basis: 'split',
          currency,
          payloads: [{ kind: 'eod', extension: 'json', request: chart.request, body: chart.body }],
          retrievedAt: options.now().toISOString(),
        };
      }),
  };
}

const seconds = (date: IsoDate): number => Date.parse(`${date}T00:00:00Z`) / 1_000;

interface Range {
  from: IsoDate;
  to: IsoDate;
  signal: AbortSignal | undefined;
}

async function fetchChart(options: ProviderOptions, name: string, { from, to, signal }: Range): Promise<Chart> {
  const { client, baseUrl } = accessTo(options, YAHOO);
  const url = new URL(`v8/finance/chart/${encodeURIComponent(name)}`, baseUrl);
  url.search = new URLSearchParams({
    interval: '1d',
    period1: String(seconds(from)),
    period2: String(seconds(to) + DAY_SECONDS),
    includePrePost: 'false',
    events: 'div|split',
  }).toString();
  const answer = await client.get(url, {}, signal);
  // A 404 carries the same error object as a 200: its words are better than the number.
  if (answer.status !== 404) refuseStatus(answer, 'yahoo', client.redact);
  const content = objectOf(jsonOf(answer, 'yahoo', client.redact), 'the answer of yahoo');
  const chart = chartOf(objectOf(content['chart'] ?? content['finance'], 'yahoo: chart'), name);
  return { ...chart, body: answer.body, request: `GET ${url.href}` };
}

function chartOf(chart: Record<string, unknown>, name: string): Omit<Chart, 'body' | 'request'> {
  if (chart['error'] !== null && chart['error'] !== undefined)
    throw saidByYahoo(objectOf(chart['error'], 'yahoo: chart.error'));
  const result = objectOf(arrayOf(chart['result'], 'yahoo: chart.result')[0], 'yahoo: chart.result[0]');
  const meta = objectOf(result['meta'], 'yahoo: meta');
  // The whole list is missing, not empty, when the range has no trading in it.
  if (result['timestamp'] === undefined) throw new FetchError('EMPTY', `yahoo has no bars of ${name} in this range`);
  const indicators = objectOf(result['indicators'], 'yahoo: indicators');
  const quote = objectOf(arrayOf(indicators['quote'], 'yahoo: quote')[0], 'yahoo: quote[0]');
  const timestamps = arrayOf(result['timestamp'], 'yahoo: timestamp').map((value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    throw new FetchError('BAD_DATE', `yahoo: ${JSON.stringify(value)} is not a time`);
  });
  const column = (values: unknown, what: string) => sameLength(arrayOf(values, `yahoo: ${what}`), timestamps, what);
  const adjusted =
    indicators['adjclose'] === undefined
      ? null
      : objectOf(arrayOf(indicators['adjclose'], 'yahoo: adjclose')[0], 'yahoo: adjclose[0]');
  return {
    meta,
    timestamps,
    quote: Object.fromEntries(
      ['open', 'high', 'low', 'close', 'volume'].map((field) => [field, column(quote[field], field)]),
    ),
    adjClose: adjusted === null ? null : column(adjusted['adjclose'], 'adjclose'),
    events: result['events'] === undefined ? {} : objectOf(result['events'], 'yahoo: events'),
  };
}

function sameLength(values: unknown[], timestamps: number[], what: string): unknown[] {
  if (values.length === timestamps.length) return values;
  throw new FetchError('TRUNCATED', `yahoo: ${what} has ${values.length} figures for ${timestamps.length} days`);
}

function saidByYahoo(error: Record<string, unknown>): FetchError {
  const said = excerpt(`${String(error['code'])}: ${String(error['description'])}`, (text) => text);
  if (/not found|delisted|no data/i.test(said)) return new FetchError('NOT_FOUND', `yahoo said: ${said}`);
  if (/unauthori[sz]ed|crumb/i.test(said)) return new FetchError('UNAUTHORISED', `yahoo said: ${said}`);
  return new FetchError(/too many/i.test(said) ? 'RATE_LIMITED' : 'REFUSED', `yahoo said: ${said}`);
}

/** London shares come in pence (`GBp`): the program trades US listings and must not take pence for pounds. */
function currencyOf({ meta }: Chart): string {
  const currency = meta['currency'];
  if (typeof currency === 'string' && /^[A-Z]{3}$/.test(currency)) return currency;
  throw new FetchError('BAD_CURRENCY', `yahoo: ${JSON.stringify(currency)} is not a currency of ISO 4217`);
}

function barsOf(chart: Chart, symbol: string, calendar: Policy['calendar']): Bar[] {
  const bars: Bar[] = [];
  for (const [index, timestamp] of chart.timestamps.entries()) {
    const session = dateIn(chart, timestamp);
    const at = (field: string) => chart.quote[field]?.[index];
    // Yahoo writes a day it has no data for as nulls: a missing bar, which the quality gate will see.
    if (['open', 'high', 'low', 'close'].every((field) => at(field) === null) || unfinished(chart, session, calendar))
      continue;
    const where = `yahoo: ${symbol} ${session}`;
    const price = (field: string) => withoutFloatNoise(decimalOf(at(field), `${where}: ${field}`));
    const adjusted = chart.adjClose?.[index] ?? null;
    bars.push({
      symbol,
      session,
      open: price('open'),
      high: price('high'),
      low: price('low'),
      close: price('close'),
      volume: at('volume') === null ? null : decimalOf(at('volume'), `${where}: volume`),
      adjClose: adjusted === null ? null : withoutFloatNoise(decimalOf(adjusted, `${where}: adjclose`)),
    });
  }
  return bars;
}

/** Whether the session had not closed when Yahoo answered: the last trade it knows of is of that day, before its close. */
function unfinished(chart: Chart, session: IsoDate, calendar: Policy['calendar']): boolean {
  const lastTrade = chart.meta['regularMarketTime'];
  if (typeof lastTrade !== 'number' || !isSession(session, calendar) || dateIn(chart, lastTrade) !== session)
    return false;
  return lastTrade * 1_000 < Date.parse(sessionCloseAt(session, calendar));
}

/** The calendar date of a time where the exchange is: FX days begin at midnight London, which is another date in UTC. */
function dateIn({ meta }: Chart, timestamp: number): IsoDate {
  const zone = typeof meta['exchangeTimezoneName'] === 'string' ? meta['exchangeTimezoneName'] : 'America/New_York';
  return dateFormat(zone).format(timestamp * 1_000);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function dateFormat(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const made = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    formats.set(zone, made);
    return made;
  } catch {
    throw new FetchError('BAD_LAYOUT', `yahoo: ${zone} is not a time zone`);
  }
}

function actionsOf(chart: Chart, symbol: string, currency: string): PublishedAction[] {
  const common = { symbol, source: 'yahoo', payload: 0 };
  const events = (kind: string) =>
    Object.values(chart.events[kind] === undefined ? {} : objectOf(chart.events[kind], `yahoo: ${kind}`)).map(
      (event) => {
        const fields = objectOf(event, `yahoo: ${kind}`);
        if (typeof fields['date'] !== 'number') throw new FetchError('BAD_DATE', `yahoo: ${kind} without a date`);
        return { fields, exDate: dateIn(chart, fields['date']) };
      },
    );
  const dividends = events('dividends').map(({ fields, exDate }): PublishedAction => {
    const published = decimalOf(fields['amount'], `yahoo: ${symbol} ${exDate}: dividend`);
    return { ...common, exDate, kind: 'DIVIDEND', value: published, published, currency };
  });
  const splits = events('splits').map(({ fields, exDate }): PublishedAction => {
    const above = decimalOf(fields['numerator'], `yahoo: ${symbol} ${exDate}: split`);
    const below = decimalOf(fields['denominator'], `yahoo: ${symbol} ${exDate}: split`);
    if (Number(below) <= 0) throw new FetchError('BAD_NUMBER', `yahoo: ${symbol} ${exDate}: a split by ${below}`);
    const ratio = toText(D(above).div(D(below)).toDecimalPlaces(12));
    return {
      ...common,
      exDate,
      kind: 'SPLIT',
      value: cleanRatio(ratio),
      published: `${above}:${below}`,
      currency: null,
    };
  });
  return [...dividends, ...splits].filter(({ value }) => Number(value) > 0);
}

/** Yahoo's daily FX: the close of its London day; Yahoo appends the running day, which is dropped by its date. */
export function createYahooFxProvider(options: ProviderOptions): FxProvider {
  return {
    name: 'yahoo',
    fetchRates: ({ pair, from, to, signal }) =>
      asOutcome(async () => {
        const chart = await fetchChart(options, providerPair('yahoo', pair), { from, to, signal });
        if (currencyOf(chart) !== pair.slice(3))
          throw new FetchError('BAD_CURRENCY', `yahoo gives ${pair} in ${currencyOf(chart)}`);
        refuseOtherPair([chart.meta['symbol']], pair, 'yahoo: the answer');
        const rates = new Map<IsoDate, string>();
        for (const [index, timestamp] of chart.timestamps.entries()) {
          const date = dateIn(chart, timestamp);
          const close = chart.quote['close']?.[index] ?? null;
          if (close !== null && date >= from && date <= to)
            rates.set(date, withoutFloatNoise(decimalOf(close, `yahoo: ${pair} ${date}: close`)));
        }
        if (rates.size === 0) throw new FetchError('EMPTY', `yahoo has no rate of ${pair} from ${from} to ${to}`);
        return {
          ok: true,
          pair,
          rates: [...rates].map(([date, rate]) => ({ date, rate })),
          retrievedAt: options.now().toISOString(),
          payloads: [{ kind: 'fx', extension: 'json', request: chart.request, body: chart.body }],
        };
      }),
  };
}
