import type { Severity } from '../domain/alerts/codes.js';
import type { Instant, IsoDate } from '../domain/types.js';

/** What is told: an alert, or, quietly, that it recovered. */
export interface Notice {
  kind: 'ALERT' | 'RECOVERY';
  /** The same for every attempt at this notice, so that a receiver can tell a repeat. */
  id: string;
  alertId: string;
  account: string | null;
  tradingDay: IsoDate | null;
  code: string;
  severity: Severity;
  subject: string;
  message: string;
  remedy: string;
  raisedAt: Instant;
  /** The address of the desk's page where it is dealt with; null where the desk has none that others reach. */
  page: string | null;
  /** Newest record of the audit log when it was sent: a log that is cut or rewritten later disagrees with it. */
  auditHead: { seq: number; hash: string } | null;
  /** What is well again, when it is; also of an alert that recovered before it could be delivered. */
  recovered: { at: Instant; note: string } | null;
}

/** What a sink answered, without secrets. A failure that is final will not change by asking again. */
export type SinkAnswer =
  { ok: true; answer: string } | { ok: false; answer: string; final: boolean; retryAfterMs: number | null };

/** One way to tell a person. Never throws: whatever goes wrong is an answer. */
export interface Sink {
  name: string;
  kind: string;
  send(notice: Notice): Promise<SinkAnswer>;
}

/** Longest answer kept in a receipt. */
const ANSWER_MAX = 300;

/** An answer on one line, cut to a receipt's length. */
export function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > ANSWER_MAX ? `${line.slice(0, ANSWER_MAX - 1)}…` : line;
}

export const refusedForGood = (answer: string): SinkAnswer => ({
  ok: false,
  answer: shortened(answer),
  final: true,
  retryAfterMs: null,
});
export const failedForNow = (answer: string, retryAfterMs: number | null = null): SinkAnswer => ({
  ok: false,
  answer: shortened(answer),
  final: false,
  retryAfterMs,
});
