import { usageError } from '../domain/errors.js';
import type { Instant, IsoDate } from '../domain/types.js';

/**
 * Where each artifact lies, relative to the data directory, with forward slashes: the text that is stored and printed.
 * Every part that comes from outside is checked, so that no id can lead out of the artifacts directory.
 */
const ROOT = 'artifacts';

/**
 * One path segment: letters, digits, dot, dash, underscore; not starting with a dot. Throws OpsError (exit 64)
 * otherwise.
 */
function safeSegment(what: string, text: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/.test(text) && !text.includes('..')) return text;
  throw usageError(
    'UNSAFE_PATH',
    `${what} ${JSON.stringify(text)} cannot be part of a file name: it must be letters, digits, dots, dashes and underscores.`,
    {
      remedy: 'Give the id as the program printed it.',
    },
  );
}

export type Format = 'md' | 'json' | 'html';

export const runSummaryPath = (runId: string, format: Format) =>
  `${ROOT}/runs/${safeSegment('run', runId)}/run_summary.${format}`;

export const ticketPath = (ticketId: string, format: Format) =>
  `${ROOT}/tickets/${safeSegment('ticket', ticketId)}/ticket.${format}`;

export const dataQualityPath = (asOfDate: IsoDate, runId: string) =>
  `${ROOT}/reports/data_quality_${safeSegment('as-of date', asOfDate)}_${safeSegment('run', runId).slice(0, 8)}.md`;

/**
 * @param at instant of the comparison; becomes `20180105T091500Z`.
 * @param repeat 2 or more where the same second already has a report (a simulated clock stands still).
 */
export function reconciliationPath(snapshotDate: IsoDate, at: Instant, repeat = 1): string {
  const time = new Date(at)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
  return `${ROOT}/reports/reconcile_${safeSegment('snapshot date', snapshotDate)}_${time}${repeat > 1 ? `-${repeat}` : ''}.md`;
}

export const dailyReportPath = (account: string, tradingDay: IsoDate, format: 'md' | 'html') =>
  `${ROOT}/reports/daily_${safeSegment('account', account)}_${safeSegment('trading day', tradingDay)}.${format}`;

/** The report on an account statement of the broker, as one comparison found it. */
export const statementPath = (account: string, comparisonId: string, format: Format) =>
  `${ROOT}/reports/statement_${safeSegment('account', account)}_${safeSegment('comparison', comparisonId)}.${format}`;

/** Scores and exclusions of an as-of date: they depend on prices alone, so all accounts share them. */
export const signalsPath = (asOfDate: IsoDate) => `${ROOT}/signals/${safeSegment('as-of date', asOfDate)}.json`;

export const alertPath = (alertId: string) => `${ROOT}/alerts/${safeSegment('alert', alertId)}.json`;

/**
 * A closed day's workflow history, as Temporal's own JSON: the server forgets it after its retention.
 * @param part of a day that became too long for one history, those before the last: 1 is the first.
 */
export const historyPath = (account: string, tradingDay: IsoDate, part: number | null = null) =>
  `${ROOT}/reports/history_${safeSegment('account', account)}_${safeSegment('trading day', tradingDay)}${part === null ? '' : `_${part}`}.json`;
