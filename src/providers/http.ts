import { gunzipSync, inflateSync, brotliDecompressSync } from 'node:zlib';
import PQueue from 'p-queue';
import { Agent, interceptors, type Dispatcher } from 'undici';
import type { Policy } from '../domain/policy/policy.js';
import { FetchError } from './provider.js';
import { redact } from '../domain/redact.js';

/** Longest body taken, packed and unpacked: ten years of daily bars are a hundredth of it. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;
const REDIRECTS_MAX = 3;
/** Status codes worth another try; the rest will not change by asking again. */
const RETRIED_STATUS = [429, 500, 502, 503, 504];
const RETRIED_ERRORS = [
  'ECONNRESET',
  'ECONNREFUSED',
  'ENETDOWN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
];

export interface HttpOptions {
  marketData: Pick<Policy['market_data'], 'timeout_seconds' | 'max_attempts' | 'requests_per_minute'>;
  /** Keys that must never be seen in a message or a stored request. */
  secrets: string[];
  /** First wait before another try, doubled each time up to the longest; a Retry-After header is kept to up to the longest. */
  retryWaitMs?: { first: number; longest: number };
}

export interface HttpAnswer {
  status: number;
  contentType: string;
  body: Buffer;
}

export interface HttpClient {
  /**
   * One GET with rate limit, time-out, retries with backoff and bounded redirects. Resolves with whatever status the host
   * gave, 200 or not: what it means is the provider's to say. Throws FetchError when there is no whole answer.
   */
  get(url: URL, headers?: Record<string, string>, signal?: AbortSignal): Promise<HttpAnswer>;
  /** Text with every secret replaced. */
  redact(text: string): string;
}

/**
 * Requests that end without an answer, one after another, before the host counts as silent and the rest is not asked.
 */
const SILENT_MAX = 3;
/** What says that nobody answers at all, and not only late once. */
const SILENCE: readonly FetchError['code'][] = ['TIMEOUT', 'UNREACHABLE', 'CONNECTION_LOST'];

/** A client for one provider; it owns the rate limit, so all requests to a host must go through one client. */
export function createHttpClient({
  marketData,
  secrets,
  retryWaitMs = { first: 500, longest: 30_000 },
}: HttpOptions): HttpClient {
  const timeoutMs = marketData.timeout_seconds * 1_000;
  const queue = new PQueue({
    concurrency: 4,
    interval: 60_000,
    intervalCap: marketData.requests_per_minute,
    strict: true,
  });
  const dispatcher = new Agent({
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs },
    maxResponseSize: BODY_BYTES_MAX,
    // Idle sockets must not keep a command-line process alive.
    keepAliveTimeout: 1_000,
    keepAliveMaxTimeout: 1_000,
  }).compose(
    interceptors.redirect({ maxRedirections: REDIRECTS_MAX }),
    interceptors.retry({
      maxRetries: marketData.max_attempts - 1,
      minTimeout: retryWaitMs.first,
      maxTimeout: retryWaitMs.longest,
      timeoutFactor: 2,
      statusCodes: RETRIED_STATUS,
      errorCodes: RETRIED_ERRORS,
      throwOnError: false,
    }),
  );
  const hide = (text: string) => redact(text, secrets);
  // Headers may come in time and the body drip for ever: the whole request has an end of its own.
  const wholeMs = timeoutMs * marketData.max_attempts + retryWaitMs.longest * (marketData.max_attempts - 1) + timeoutMs;
  let silent = 0;
  return {
    redact: hide,
    get: async (url, headers = {}, signal) => {
      const ask = async () => {
        if (silent >= SILENT_MAX)
          throw new FetchError('UNREACHABLE', `${url.host} left ${silent} requests without an answer: not asked`);
        // From here on: what waits for the rate limit has not been asked yet.
        const limit = AbortSignal.timeout(Math.ceil(wholeMs));
        return request(dispatcher, url, headers, signal ? AbortSignal.any([signal, limit]) : limit);
      };
      try {
        const answer = await queue.add(ask, signal ? { signal } : {});
        silent = 0;
        return answer;
      } catch (error) {
        const failure = explained(error, url.host, hide, signal?.aborted === true);
        silent = SILENCE.includes(failure.code) ? silent + 1 : 0;
        throw failure;
      }
    },
  };
}

async function request(
  dispatcher: Dispatcher,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const answer = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'GET',
    signal,
    headers: { accept: '*/*', 'accept-encoding': 'gzip, deflate', 'user-agent': 'trading-ops', ...headers },
  });
  const raw = Buffer.from(await answer.body.arrayBuffer());
  const header = (name: string) => [answer.headers[name] ?? ''].flat().join(',');
  if (answer.statusCode >= 300 && answer.statusCode < 400) {
    throw new FetchError('REDIRECT_LOOP', `${url.host} redirected more than ${REDIRECTS_MAX} times`);
  }
  return {
    status: answer.statusCode,
    contentType: header('content-type'),
    body: unpacked(raw, header('content-encoding'), url.host),
  };
}

/** The body as the host meant it; one that was packed and cut short is TRUNCATED, not shorter data. */
function unpacked(body: Buffer, encoding: string, host: string): Buffer {
  const limit = { maxOutputLength: BODY_BYTES_MAX };
  try {
    switch (encoding.trim().toLowerCase()) {
      case 'gzip':
      case 'x-gzip':
        return gunzipSync(body, limit);
      case 'deflate':
        return inflateSync(body, limit);
      case 'br':
        return brotliDecompressSync(body, limit);
      default:
        return body;
    }
  } catch (cause) {
    const tooLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new FetchError(
      tooLarge ? 'TOO_LARGE' : 'TRUNCATED',
      `the packed answer of ${host} is ${tooLarge ? 'too large' : 'cut short or damaged'}`,
      { cause },
    );
  }
}

const CODE_OF_ERROR: Readonly<Record<string, FetchError['code']>> = {
  UND_ERR_HEADERS_TIMEOUT: 'TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'TIMEOUT',
  UND_ERR_CONNECT_TIMEOUT: 'TIMEOUT',
  ETIMEDOUT: 'TIMEOUT',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'TOO_LARGE',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'TRUNCATED',
  UND_ERR_REQ_RETRY: 'TRUNCATED',
  ECONNRESET: 'CONNECTION_LOST',
  EPIPE: 'CONNECTION_LOST',
  UND_ERR_SOCKET: 'CONNECTION_LOST',
  UND_ERR_ABORTED: 'CONNECTION_LOST',
  ECONNREFUSED: 'UNREACHABLE',
  ENOTFOUND: 'UNREACHABLE',
  EAI_AGAIN: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  EHOSTUNREACH: 'UNREACHABLE',
};

/** What went wrong on the way, in the operator's words and without secrets. */
function explained(error: unknown, host: string, hide: (text: string) => string, cancelled: boolean): FetchError {
  if (error instanceof FetchError) return new FetchError(error.code, hide(error.message));
  if (cancelled) return new FetchError('CANCELLED', `the request to ${host} was cancelled`);
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError') return new FetchError('TIMEOUT', `${host} did not finish its answer in time`);
  if (/redirect loop/i.test(message)) return new FetchError('REDIRECT_LOOP', `${host} redirects in a circle`);
  const known =
    CODE_OF_ERROR[code ?? ''] ?? (/terminated|other side closed/i.test(message) ? 'CONNECTION_LOST' : 'PROVIDER_FAULT');
  return new FetchError(known, hide(`${host}: ${message}${code ? ` (${code})` : ''}`));
}
