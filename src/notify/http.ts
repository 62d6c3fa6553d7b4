import { Agent, request } from 'undici';
import { failedForNow, refusedForGood, shortened, type SinkAnswer } from './sink.js';

/** Longest answer read: receipts keep a line of it. */
const BODY_BYTES_MAX = 64 * 1024;
/** Longest wait that a Retry-After may ask for: a day later nobody needs the alert any more. */
const RETRY_AFTER_MAX_MS = 6 * 3_600_000;
/** Of the answers "you are wrong" (4xx), those that change by waiting. */
const WAIT_STATUS = new Set([408, 425, 429]);

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  timeoutMs: number;
  method?: 'POST' | 'GET';
}

export interface HttpAnswer {
  status: number;
  body: string;
  retryAfterMs: number | null;
}

/**
 * One request that ends within its time, follows no redirect, and reads no more than a receipt needs. Throws what
 * undici throws.
 */
export async function post({ url, headers, body, timeoutMs, method = 'POST' }: Post): Promise<HttpAnswer> {
  const dispatcher = new Agent({
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxResponseSize: BODY_BYTES_MAX,
  });
  try {
    const signal = AbortSignal.timeout(Math.ceil(timeoutMs));
    const answer = await request(url, {
      method,
      headers: { 'user-agent': 'trading-ops', ...headers },
      ...(method === 'POST' && { body }),
      signal,
      dispatcher,
    });
    return {
      status: answer.statusCode,
      body: await answer.body.text(),
      retryAfterMs: retryAfter([answer.headers['retry-after'] ?? ''].flat()[0] ?? ''),
    };
  } finally {
    await dispatcher.destroy();
  }
}

/**
 * Posts and judges: a status that is not 2xx is a failure, and so is a 2xx whose body says so.
 * @param errorIn what the service means by the body of a 2xx: null is well, a text is what went wrong.
 */
export async function postAndJudge(what: Post, errorIn: (body: string) => string | null): Promise<SinkAnswer> {
  try {
    const { status, body, retryAfterMs } = await post(what);
    if (status >= 200 && status < 300) {
      const wrong = errorIn(body);
      return wrong === null
        ? { ok: true, answer: shortened(`${status} ${body}`) }
        : failedForNow(`${status}, but: ${wrong}`, retryAfterMs);
    }
    const told = `${status} ${body}`;
    return status >= 300 && status < 500 && !WAIT_STATUS.has(status)
      ? refusedForGood(told)
      : failedForNow(told, retryAfterMs);
  } catch (error) {
    return failedForNow(explained(error, what.timeoutMs));
  }
}

/** The JSON object in a body, or null for anything else. */
export function objectIn(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Seconds or an HTTP date, as milliseconds from now; null when there is none. */
function retryAfter(text: string, now: number = Date.now()): number | null {
  if (text === '') return null;
  const wait = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), RETRY_AFTER_MAX_MS);
}

function explained(error: unknown, timeoutMs: number): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === 'TimeoutError' || /TIMEOUT/.test(code ?? '')) return `no answer within ${timeoutMs / 1_000} s`;
  return `${message}${code && !message.includes(code) ? ` (${code})` : ''}`;
}
