import type { IsoDate } from '../domain/types.js';
import type { Db } from './connect.js';
import { answeredAs, rows, rowsQuestion, withInstants, type Question } from './questions.js';
import type { CamelRow, Row } from './tables.js';

/** A run as it was asked for, and what came of it; null while it is under way. */
export interface RunRow extends CamelRow<
  'runs',
  'run_id' | 'slot' | 'trading_day' | 'as_of_date' | 'at' | 'workflow_id' | 'operator' | 'policy_hash' | 'universe_hash'
> {
  outcome: string | null;
  summary: string | null;
  /** Accounts that it is of; none where an earlier version kept none, which is of all of its policy. */
  accounts: string[];
}

/** Every `RunRow`; `r` is the run, for a `where` that follows. */
const RUN = `select r.run_id as "runId", r.slot, r.trading_day as "tradingDay", r.as_of_date as "asOfDate", r.at,
  r.workflow_id as "workflowId",
  r.operator, r.policy_hash as "policyHash", r.universe_hash as "universeHash", o.outcome, o.summary, r.accounts
  from runs r left join run_results o using (run_id)`;

const runsQuestion = (db: Db, which: string, bindings: string[]): Question<RunRow[]> =>
  answeredAs(rowsQuestion<RunRow>(db, `${RUN} ${which}`, bindings), (found) => withInstants(found, 'at'));

/** The run with this id; undefined for an unknown one. */
export const runRowQuestion = (db: Db, runId: string): Question<RunRow | undefined> =>
  answeredAs(runsQuestion(db, 'where r.run_id = ?', [runId]), ([run]) => run);

/** The runs of a trading day, oldest first. */
export const runsOfDay = (db: Db, tradingDay: IsoDate): Question<RunRow[]> =>
  runsQuestion(db, 'where r.trading_day = ?::date order by r.seq', [tradingDay]);

/** The newest run of the days before one that the account has opened; none when it has not, or there is none. */
export const newestRunBefore = (db: Db, account: string, tradingDay: IsoDate): Question<RunRow[]> =>
  runsQuestion(
    db,
    `where r.trading_day < ?::date
    and exists (select from day_events d where d.account = ? and d.trading_day = ?::date) order by r.seq desc limit 1`,
    [tradingDay, account, tradingDay],
  );

/** The newest runs of all days, newest first. */
export const newestRuns = (db: Db, limit: number): Promise<RunRow[]> =>
  rows<RunRow>(db, `${RUN} order by r.seq desc limit ?`, [limit]);

/** The runs of so many trading days, newest day first: of the newest days, or of those before one. */
export const runsOfDays = (db: Db, { before, days }: { before: IsoDate | null; days: number }): Promise<RunRow[]> =>
  rows<RunRow>(
    db,
    `${RUN} where r.trading_day in (
       select distinct trading_day from runs where trading_day < coalesce(?::date, 'infinity')
        order by trading_day desc limit ?)
      order by r.trading_day desc, r.seq`,
    [before, days],
  );

/** Which of these workflows have begun a run. */
export const runsBegun = async (db: Db, workflowIds: readonly string[]): Promise<string[]> =>
  (
    await rows<{ workflowId: string }>(db, 'select workflow_id as "workflowId" from runs where workflow_id = any(?)', [
      [...workflowIds],
    ])
  ).map(({ workflowId }) => workflowId);

/** Records how a run ended; the first result stands. */
export async function finishRun(
  db: Db,
  runId: string,
  outcome: string,
  summary: string,
  detail: object = {},
): Promise<void> {
  await db('run_results')
    .insert({ run_id: runId, outcome, summary, detail: JSON.stringify(detail) })
    .onConflict('run_id')
    .ignore();
}

/** How the run ended; null while it is under way. */
export async function runResult(
  db: Db,
  runId: string,
): Promise<Pick<Row<'run_results'>, 'outcome' | 'summary'> | null> {
  return (await db('run_results').where({ run_id: runId }).first('outcome', 'summary')) ?? null;
}
