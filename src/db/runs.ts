import type { Knex } from 'knex';
import type { Db } from './connect.js';
import { ask, instantOf, question, rowsQuestion, type Question } from './questions.js';
import type { Row } from './tables.js';
import type { Instant, IsoDate, Sha256, RunSlot } from '../domain/types.js';

export interface Run {
  runId: string;
  slot: RunSlot;
  tradingDay: IsoDate;
  asOfDate: IsoDate;
  at: Instant;
  workflowId: string;
  operator: string;
  policyHash: Sha256;
  universeHash: Sha256;
  /** Accounts it is of; empty for runs from before this was recorded, which were of all. */
  accounts?: string[];
}

/** Records a run; a repeat with the same id changes nothing. @returns whether it was recorded now. */
export async function insertRun(db: Db, run: Run): Promise<boolean> {
  return ((await newRun(db, run)) as unknown[]).length > 0;
}

/** The insert of a run, to be made together with what else begins it: returns the row, or none where it was there. */
export const newRun = (db: Db, run: Run): Knex.QueryBuilder =>
  db('runs')
    .insert({
      run_id: run.runId,
      slot: run.slot,
      trading_day: run.tradingDay,
      as_of_date: run.asOfDate,
      at: run.at,
      workflow_id: run.workflowId,
      operator: run.operator,
      policy_hash: run.policyHash,
      universe_hash: run.universeHash,
      accounts: run.accounts ?? [],
    })
    .onConflict('run_id')
    .ignore()
    .returning('*');

/** The run with this id, or undefined. */
export const findRun = (db: Db, runId: string): Promise<Run | undefined> => ask(db, runQuestion(db, runId));

/** The same as a question. */
export const runQuestion = (db: Db, runId: string): Question<Run | undefined> =>
  question<Run | undefined>(db('runs').where({ run_id: runId }), ([row]: Row<'runs'>[]) =>
    row ? runOf({ ...row, at: instantOf(row.at) }) : undefined,
  );

/** When Postgres stored a run, by its own clock. */
export async function runRecordedAt(db: Db, runId: string): Promise<Instant> {
  const row = await db('runs').where({ run_id: runId }).first('recorded_at');
  if (!row) throw new Error(`run ${runId} is not stored`);
  return row.recorded_at;
}

/** A run as it is stored. */
export const runOf = (row: Row<'runs'>): Run => ({
  runId: row.run_id,
  slot: row.slot,
  tradingDay: row.trading_day,
  asOfDate: row.as_of_date,
  at: row.at,
  workflowId: row.workflow_id,
  operator: row.operator,
  policyHash: row.policy_hash,
  universeHash: row.universe_hash,
  accounts: row.accounts,
});

/** What one step of a run did. */
export interface RunStep {
  step: string;
  status: 'DONE' | 'PASS' | 'FAIL' | 'FAULT';
  summary: string;
  detail?: object;
}

/** Records what steps of a run did, at least one; the first record of a step stands. */
export const recordSteps = (db: Db, runId: string, steps: readonly RunStep[]): Knex.QueryBuilder =>
  db('run_steps')
    .insert(
      steps.map(({ step, status, summary, detail = {} }) => ({
        run_id: runId,
        step,
        status,
        summary,
        detail: JSON.stringify(detail),
      })),
    )
    .onConflict(['run_id', 'step'])
    .ignore();

/** Records what one step of a run did. */
export const recordStep = (
  db: Db,
  runId: string,
  step: string,
  status: RunStep['status'],
  summary: string,
  detail: object = {},
): Knex.QueryBuilder => recordSteps(db, runId, [{ step, status, summary, detail }]);

/** What the steps of a run did, in the order they did it. */
export const stepsQuestion = (
  db: Db,
  runId: string,
): Question<Pick<Row<'run_steps'>, 'step' | 'status' | 'summary'>[]> =>
  rowsQuestion(db, 'select step, status, summary from run_steps where run_id = ? order by seq', [runId]);

/** The newest trading day that has a run; null before the first. */
export async function newestRunDay(db: Db): Promise<IsoDate | null> {
  const newest = await db('runs').max<{ day: IsoDate | null }>('trading_day as day').first();
  return newest?.day ?? null;
}

/** The failed steps of a run whose names begin so, in the order in which they were recorded. */
export const failedSteps = (db: Db, runId: string, prefix: string): Promise<Pick<RunStep, 'step' | 'summary'>[]> =>
  db('run_steps')
    .where({ run_id: runId, status: 'FAIL' })
    .whereLike('step', `${prefix}%`)
    .orderBy('seq')
    .select<Pick<RunStep, 'step' | 'summary'>[]>('step', 'summary');
