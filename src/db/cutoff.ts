import type { IsoDate } from '../domain/types.js';

/**
 * Prices and values as they were known when something was decided: a provider may restate a bar later, and a file that
 * is rendered again must not change for it. The moment of knowing is a stored fact's place in the order of all facts: the end
 * of a run or of a day's last run, or a ticket.
 */
export type Cutoff =
  { kind: 'run'; runId: string } | { kind: 'ticket'; ticketId: string } | { kind: 'day'; tradingDay: IsoDate };

/** Above every place in the order of facts. */
export const EVERYTHING = '9223372036854775807';

/** SQL for the place of a cutoff in the order of facts, with its one binding; a run under way knows everything so far. */
export function cutoffSql(cutoff: Cutoff): { sql: string; binding: string } {
  switch (cutoff.kind) {
    case 'run':
      return { sql: 'select max(seq) from run_results where run_id = ?', binding: cutoff.runId };
    case 'ticket':
      return { sql: 'select seq from tickets where ticket_id = ?', binding: cutoff.ticketId };
    case 'day':
      return {
        sql: 'select max(o.seq) from run_results o join runs r using (run_id) where r.trading_day = ?',
        binding: cutoff.tradingDay,
      };
  }
}

/**
 * SQL for a row with the place of a cutoff (`seq`) and when it was recorded (`recorded_at`), found by its own key and
 * not among all that has a place; no row of a run under way. Its one binding is that of `cutoffSql`.
 */
export function cutoffRowSql({ kind }: Cutoff): string {
  switch (kind) {
    case 'run':
      return 'select seq, recorded_at from run_results where run_id = ?';
    case 'ticket':
      return 'select seq, recorded_at from tickets where ticket_id = ?';
    case 'day':
      return `select o.seq, o.recorded_at from run_results o join runs r using (run_id) where r.trading_day = ?
        order by o.seq desc limit 1`;
  }
}
