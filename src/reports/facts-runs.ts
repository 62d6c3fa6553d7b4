import type { Instant, IsoDate } from '../domain/types.js';
import type { Db } from '../db/connect.js';
import { rows } from './facts-query.js';

/** A run as it was asked for, and what came of it; null while it is under way. */
export interface RunRow {
  runId: string;
  slot: '0800' | '1400' | 'ops';
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  at: Instant;
  workflowId: string;
  operator: string;
  policyHash: string;
  universeHash: string;
  outcome: string | null;
  summary: string | null;
}

/** Every `RunRow`; `r` is the run, for a `where` that follows. */
export const RUN = `select r.run_id as "runId", r.slot, r.trading_day as "tradingDay", r.as_of_date as "asOfDate", r.at, r.workflow_id as "workflowId",
  r.operator, r.policy_hash as "policyHash", r.universe_hash as "universeHash", o.outcome, o.summary
  from runs r left join run_results o using (run_id)`;

/** The run with this id; undefined for an unknown one. */
export const findRunRow = async (db: Db, runId: string) =>
  (await rows<RunRow>(db, `${RUN} where r.run_id = ?`, [runId]))[0];
