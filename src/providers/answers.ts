import { cleanRatio } from '../domain/market/ratio.js';
import type { RateRow } from '../domain/market/rates.js';
import type { DecimalString } from '../domain/types.js';
import type { FxAnswer, ProviderAnswer, PublishedAction } from './provider.js';

/** The one JSON document that an answer was read from: what was asked, what came, and when. */
export interface Document {
  request: string;
  body: Buffer;
  now: Date;
}

/** Raw bars of a US listing, in dollars. */
export const dollarBars = (
  read: Pick<ProviderAnswer, 'symbol' | 'bars' | 'actions'>,
  { request, body, now }: Document,
): ProviderAnswer => ({
  ok: true,
  ...read,
  basis: 'raw',
  currency: 'USD',
  retrievedAt: now.toISOString(),
  payloads: [{ kind: 'eod', extension: 'json', request, body }],
});

/** A day's rate, its close, with the range that it is judged by where the row has all of it. */
export function dayOf(
  row: Readonly<Record<string, unknown>>,
  figure: (name: 'open' | 'high' | 'low' | 'close') => DecimalString,
): Omit<RateRow, 'date'> {
  const ranged = (['open', 'high', 'low'] as const).every((name) => (row[name] ?? null) !== null);
  if (!ranged) return { rate: figure('close') };
  return { rate: figure('close'), open: figure('open'), high: figure('high'), low: figure('low') };
}

/** Rates of a pair. */
export const ratesOfPair = (read: Pick<FxAnswer, 'pair' | 'rates'>, { request, body, now }: Document): FxAnswer => ({
  ok: true,
  ...read,
  retrievedAt: now.toISOString(),
  payloads: [{ kind: 'fx', extension: 'json', request, body }],
});

/** Actions of a US listing on one day, where a day without any says a dividend of 0 and a split by 0 or 1. */
export function dollarActions(
  of: Pick<PublishedAction, 'symbol' | 'exDate' | 'source'>,
  dividend: DecimalString,
  split: DecimalString,
): PublishedAction[] {
  const common = { ...of, payload: 0 };
  const actions: PublishedAction[] = [];
  if (Number(dividend) > 0)
    actions.push({ ...common, kind: 'DIVIDEND', value: dividend, published: dividend, currency: 'USD' });
  if (Number(split) > 0 && Number(split) !== 1)
    actions.push({ ...common, kind: 'SPLIT', value: cleanRatio(split), published: split, currency: null });
  return actions;
}
