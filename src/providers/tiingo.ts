import { z } from 'zod';
import type { Bar, IsoDate } from '../domain/types.js';
import { dayOf, dollarActions, dollarBars, ratesOfPair } from './answers.js';
import type { ProviderOptions } from './options.js';
import { accessTo, arrayOf, jsonOf, objectOf, refuseStatus, type HttpAccess } from './http-provider.js';
import { dateOfField, decimalOf } from './numbers.js';
import { asOutcome, FetchError, type EodProvider, type FxProvider, type PublishedAction } from './provider.js';
import { refuseOther, refuseOtherPair } from './identity.js';
import { providerPair, providerSymbol } from './symbols.js';

const TIINGO = {
  name: 'tiingo',
  baseUrl: 'https://api.tiingo.com/',
  urlVariable: 'TRADING_OPS_TIINGO_URL',
  keyVariable: 'TIINGO_API_KEY',
};

/** Tiingo: raw and adjusted bars, dividends and splits in one answer (docs/RULES.md 6.3). The key travels in a header. */
export function createTiingoProvider(options: ProviderOptions): EodProvider {
  return {
    name: 'tiingo',
    fetchBars: ({ symbol, from, to, signal }) =>
      asOutcome(async () => {
        const access = accessTo(options, TIINGO);
        const url = new URL(
          `tiingo/daily/${encodeURIComponent(providerSymbol('tiingo', symbol))}/prices`,
          access.baseUrl,
        );
        url.search = new URLSearchParams({ startDate: from, endDate: to, format: 'json' }).toString();
        const { rows, body } = await ask(access, url, signal);
        if (rows.length === 0) throw new FetchError('EMPTY', `tiingo has no bars of ${symbol} from ${from} to ${to}`);
        const { bars, actions } = readRows(rows, symbol, to);
        return dollarBars({ symbol, bars, actions }, { request: `GET ${url.href}`, body, now: options.now() });
      }),
  };
}

async function ask(
  { client, key }: HttpAccess,
  url: URL,
  signal: AbortSignal | undefined,
): Promise<{ rows: unknown[]; body: Buffer }> {
  const answer = await client.get(url, { authorization: `Token ${key}`, 'content-type': 'application/json' }, signal);
  refuseStatus(answer, 'tiingo', client.redact);
  const content = jsonOf(answer, 'tiingo', client.redact);
  // Errors come as an object with `detail`, sometimes with status 200; data are always a list.
  if (!Array.isArray(content)) {
    const detail = z.object({ detail: z.string() }).safeParse(content);
    const said = client.redact(detail.success ? detail.data.detail : JSON.stringify(content)).slice(0, 200);
    throw new FetchError(
      /not found/i.test(said)
        ? 'NOT_FOUND'
        : /limit|over your/i.test(said)
          ? 'RATE_LIMITED'
          : /token|auth/i.test(said)
            ? 'UNAUTHORISED'
            : 'BAD_LAYOUT',
      `tiingo said: ${said}`,
    );
  }
  return { rows: arrayOf(content, 'tiingo'), body: answer.body };
}

function readRows(rows: unknown[], symbol: string, to: IsoDate): { bars: Bar[]; actions: PublishedAction[] } {
  const bars: Bar[] = [];
  const actions: PublishedAction[] = [];
  for (const [index, value] of rows.entries()) {
    const row = objectOf(value, `tiingo: row ${index + 1}`);
    const where = (field: string) => `tiingo: ${symbol}: row ${index + 1}: ${field}`;
    const session = sessionOf(row['date'], where('date'));
    if (session > to) continue;
    refuseOther({
      said: { symbol: row['ticker'], currency: row['currency'], exchange: row['exchangeCode'] },
      symbol,
      asked: providerSymbol('tiingo', symbol),
      currency: 'USD',
      where: `tiingo: row ${index + 1}`,
    });
    const figure = (field: string) => decimalOf(row[field], where(field));
    bars.push({
      symbol,
      session,
      open: figure('open'),
      high: figure('high'),
      low: figure('low'),
      close: figure('close'),
      volume: figure('volume'),
      adjClose: row['adjClose'] === null || row['adjClose'] === undefined ? null : figure('adjClose'),
    });
    actions.push(
      ...dollarActions({ symbol, exDate: session, source: 'tiingo' }, figure('divCash'), figure('splitFactor')),
    );
  }
  return { bars, actions };
}

/** `2014-06-09T00:00:00.000Z` is the session of that date. */
const sessionOf = (value: unknown, where: string): IsoDate =>
  dateOfField(typeof value === 'string' ? value.slice(0, 10) : value, where);

/** Tiingo's daily FX: the close of its day. */
export function createTiingoFxProvider(options: ProviderOptions): FxProvider {
  return {
    name: 'tiingo',
    fetchRates: ({ pair, from, to, signal }) =>
      asOutcome(async () => {
        const access = accessTo(options, TIINGO);
        const url = new URL(`tiingo/fx/${encodeURIComponent(providerPair('tiingo', pair))}/prices`, access.baseUrl);
        url.search = new URLSearchParams({ startDate: from, endDate: to, resampleFreq: '1day' }).toString();
        const { rows, body } = await ask(access, url, signal);
        if (rows.length === 0) throw new FetchError('EMPTY', `tiingo has no rate of ${pair} from ${from} to ${to}`);
        const rates = rows
          .map((value, index) => {
            const row = objectOf(value, `tiingo: row ${index + 1}`);
            const where = `tiingo: ${pair}: row ${index + 1}`;
            refuseOtherPair([row['ticker']], pair, where);
            const figure = (name: string) => decimalOf(row[name], `${where}: ${name}`);
            return {
              date: sessionOf(row['date'], `${where}: date`),
              ...dayOf(row, figure),
            };
          })
          .filter(({ date }) => date >= from && date <= to);
        return ratesOfPair({ pair, rates }, { request: `GET ${url.href}`, body, now: options.now() });
      }),
  };
}
