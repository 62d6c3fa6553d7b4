import type { FxAnswer, ProviderAnswer } from './provider.js';

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

/** Rates of a pair. */
export const ratesOfPair = (read: Pick<FxAnswer, 'pair' | 'rates'>, { request, body, now }: Document): FxAnswer => ({
  ok: true,
  ...read,
  retrievedAt: now.toISOString(),
  payloads: [{ kind: 'fx', extension: 'json', request, body }],
});
