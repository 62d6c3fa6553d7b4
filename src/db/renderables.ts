import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { rows } from './questions.js';

/** Something that has artifacts, oldest first within its kind. */
export type Renderable =
  | {
      kind: 'run';
      runId: string;
      slot: '0800' | '1400' | 'ops';
      asOfDate: IsoDate;
      tradingDay: IsoDate;
      hasSignals: boolean;
    }
  | { kind: 'ticket'; ticketId: string; account: string; tradingDay: IsoDate }
  | { kind: 'reconciliation'; reconciliationId: string; account: string; tradingDay: IsoDate; reportPath: string }
  | { kind: 'day'; account: string; tradingDay: IsoDate }
  | { kind: 'alert'; alertId: string; tradingDay: IsoDate }
  | { kind: 'statement'; comparisonId: string; account: string; tradingDay: IsoDate };

/** Everything that has artifacts. */
export async function listRenderables(db: Db): Promise<Renderable[]> {
  const [runs, tickets, reconciliations, days, alerts, statements] = await Promise.all([
    rows<Renderable>(
      db,
      `select 'run' as kind, run_id as "runId", slot, as_of_date as "asOfDate", trading_day as "tradingDay",
      slot = '1400' and exists (select from tickets t where t.as_of_date = r.as_of_date) as "hasSignals" from runs r order by seq`,
    ),
    rows<Renderable>(
      db,
      `select 'ticket' as kind, ticket_id as "ticketId", account, trading_day as "tradingDay" from tickets order by seq`,
    ),
    rows<Renderable>(
      db,
      `select 'reconciliation' as kind, reconciliation_id as "reconciliationId", account, trading_day as "tradingDay",
      report_path as "reportPath" from reconciliations order by seq`,
    ),
    // A day has a report as soon as it was opened; runs alone (run-ops) open none.
    rows<Renderable>(
      db,
      `select 'day' as kind, account, trading_day as "tradingDay" from day_events where event = 'OPENED' order by trading_day, account`,
    ),
    rows<Renderable>(
      db,
      `select 'alert' as kind, alert_id as "alertId", coalesce(trading_day, (raised_at at time zone 'Europe/London')::date) as "tradingDay" from alerts order by seq`,
    ),
    // Held against the ledger on that day.
    rows<Renderable>(
      db,
      `select 'statement' as kind, comparison_id as "comparisonId", account, 
             (c.at at time zone 'Europe/London')::date as "tradingDay"
      from statement_comparisons c join statements using (statement_id) order by c.seq`,
    ),
  ]);
  return [...runs, ...tickets, ...reconciliations, ...days, ...alerts, ...statements];
}
