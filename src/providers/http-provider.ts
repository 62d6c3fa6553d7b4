import { createHttpClient, type HttpAnswer, type HttpClient } from './http.js';
import type { ProviderOptions } from './options.js';
import { FetchError } from './provider.js';

/** One client a provider, key and policy for the whole process: the rate limit counts all activities of a worker together. */
const clients = new Map<string, HttpClient>();

export interface HttpProviderOptions {
  name: string;
  baseUrl: string;
  /** Variable that overrides the address in tests: TRADING_OPS_<NAME>_URL. */
  urlVariable: string;
  /** Variable that holds the key; left out where none is needed. */
  keyVariable?: string;
}

export interface HttpAccess {
  client: HttpClient;
  baseUrl: string;
  key: string;
}

/** The client, address and key of a provider. Throws KEY_MISSING when the environment has no key. */
export function accessTo(
  { policy, env }: ProviderOptions,
  { name, baseUrl, urlVariable, keyVariable }: HttpProviderOptions,
): HttpAccess {
  const key = keyVariable === undefined ? '' : (env[keyVariable] ?? '').trim();
  if (keyVariable !== undefined && key === '')
    throw new FetchError('KEY_MISSING', `${name} needs a key: set ${keyVariable} in the environment of the worker`);
  const url = env[urlVariable] || baseUrl;
  const { timeout_seconds, max_attempts, requests_per_minute } = policy.market_data;
  const retryWaitMs = retryWaitOf(env);
  const id = JSON.stringify([name, url, key, timeout_seconds, max_attempts, requests_per_minute, retryWaitMs]);
  const client =
    clients.get(id) ??
    createHttpClient({ marketData: policy.market_data, secrets: [key], ...(retryWaitMs && { retryWaitMs }) });
  clients.set(id, client);
  return { client, baseUrl: url, key };
}

/** Shorter waits between tries, for tests only: `TRADING_OPS_RETRY_WAIT_MS=first,longest`. */
function retryWaitOf(env: NodeJS.ProcessEnv): { first: number; longest: number } | undefined {
  const [first, longest] = (env['TRADING_OPS_RETRY_WAIT_MS'] ?? '').split(',').map(Number);
  return first && longest ? { first, longest } : undefined;
}

/** A body as JSON, after everything that is not data was told apart. Throws FetchError. */
export function jsonOf({ body }: HttpAnswer, provider: string, hide: (text: string) => string): unknown {
  const text = body.toString('utf8').trim();
  if (text === '') throw new FetchError('EMPTY', `${provider} sent an empty answer`);
  if (text.startsWith('<'))
    throw new FetchError('HTML_INSTEAD_OF_DATA', `${provider} sent a web page: ${excerpt(text, hide)}`);
  if (!text.startsWith('{') && !text.startsWith('['))
    throw new FetchError(meaningOf(text), `${provider} said: ${excerpt(text, hide)}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new FetchError('TRUNCATED', `${provider} sent JSON that breaks off: …${excerpt(text.slice(-60), hide)}`);
  }
}

/** What a bare sentence means that came where data were expected. */
function meaningOf(text: string): FetchError['code'] {
  if (/too many requests|hits limit|rate limit|out of api credits/i.test(text)) return 'RATE_LIMITED';
  if (/^no data/i.test(text)) return 'EMPTY';
  if (/invalid (?:crumb|cookie|token)|unauthori[sz]ed/i.test(text)) return 'UNAUTHORISED';
  return 'BAD_LAYOUT';
}

/** Refuses every status but 200, by what it means; the provider's own words are added. */
export function refuseStatus({ status, body }: HttpAnswer, provider: string, hide: (text: string) => string): void {
  if (status === 200) return;
  const said = `${provider} answered ${status}: ${excerpt(body.toString('utf8'), hide)}`;
  if (status === 401) throw new FetchError('UNAUTHORISED', said);
  if (status === 403) throw new FetchError('REFUSED', said);
  if (status === 404) throw new FetchError('NOT_FOUND', said);
  if (status === 429) throw new FetchError('RATE_LIMITED', said);
  throw new FetchError(status >= 500 ? 'HTTP_5XX' : 'HTTP_4XX', said);
}

/** The first words of a text on one line, without secrets (cut after they are hidden, or half a key could stay). */
export const excerpt = (text: string, hide: (text: string) => string): string =>
  hide(text).replaceAll(/\s+/g, ' ').trim().slice(0, 200);

/** An object, or BAD_LAYOUT. */
export function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new FetchError('BAD_LAYOUT', `${what} is not an object`);
}

/** An array, or BAD_LAYOUT. */
export function arrayOf(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new FetchError('BAD_LAYOUT', `${what} is not a list`);
}
