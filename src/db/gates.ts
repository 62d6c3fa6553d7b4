import type { Knex } from 'knex';
import { storedEvidence, storedReasons } from '../domain/decision/stored-decision.js';
import type { GateName, GateResult, IsoDate, Reason } from '../domain/types.js';
import type { Db } from './connect.js';
import { ask, question, type Question } from './questions.js';
import type { Run } from './runs.js';
import type { Row } from './tables.js';

/** Records gate results of a run, at least one; the first result of a gate stands. */
export const recordGates = (
  db: Db,
  run: Pick<Run, 'runId' | 'tradingDay' | 'asOfDate'>,
  account: string | null,
  gates: GateResult[],
): Knex.QueryBuilder =>
  db('gate_results')
    .insert(
      gates.map((result) => ({
        run_id: run.runId,
        account,
        trading_day: run.tradingDay,
        as_of_date: run.asOfDate,
        gate: result.gate,
        status: result.status,
        reasons: JSON.stringify(result.reasons),
        evidence: JSON.stringify(result.evidence),
        ...(result.exclusions && { exclusions: JSON.stringify(result.exclusions) }),
      })),
    )
    .onConflict()
    .ignore();

/** What a gate said, as its run recorded it; `account` null: of all accounts. */
export interface GateRow extends GateResult {
  account: string | null;
}

type Unread = Pick<Row<'gate_results'>, 'account' | 'gate' | 'status' | 'reasons' | 'evidence' | 'exclusions'>;

/** Gates as the run recorded them; `account` null gives all accounts', a name that account's and the shared ones. */
export const gatesQuestion = (db: Db, runId: string, account: string | null = null): Question<GateRow[]> =>
  question<GateRow[]>(
    db.raw(
      `
  select account, gate, status, reasons, evidence, exclusions from gate_results
  where run_id = :runId and (cast(:account as text) is null or account is null or account = :account)
  order by gate_result_id`,
      { runId, account } as Record<string, string>,
    ),
    (found: Unread[]) => found.map((row) => readGate(row, `run ${runId}`)),
  );

function readGate({ exclusions, ...row }: Unread, judge: string): GateRow {
  const of = `gate ${row.gate} of ${judge}`;
  return {
    ...row,
    reasons: storedReasons(row.reasons, of),
    evidence: storedEvidence(row.evidence, of),
    ...(exclusions !== null && { exclusions: storedReasons(exclusions, of) }),
  };
}

type Verdict = Pick<GateRow, 'gate' | 'status' | 'reasons' | 'exclusions'>;

/** What the gates of a run said of all accounts, without what they looked at. */
export const gateVerdicts = (db: Db, runId: string): Promise<Verdict[]> => ask(db, verdictsQuestion(db, runId));

/** The same as a question. */
export const verdictsQuestion = (db: Db, runId: string): Question<Verdict[]> =>
  question<Verdict[]>(
    db('gate_results')
      .where({ run_id: runId })
      .orderBy('gate_result_id')
      .select('gate', 'status', 'reasons', 'exclusions'),
    (found: Omit<Unread, 'account' | 'evidence'>[]) =>
      found.map(({ exclusions, ...row }) => {
        const gate = `gate ${row.gate} of run ${runId}`;
        return {
          ...row,
          reasons: storedReasons(row.reasons, gate),
          ...(exclusions !== null && { exclusions: storedReasons(exclusions, gate) }),
        };
      }),
  );

/**
 * Every fault that one gate of a run found, whether it stops the day or leaves a symbol out; none where it was not
 * asked.
 */
export async function gateFindings(db: Db, runId: string, gate: GateName): Promise<Reason[]> {
  const found = await db('gate_results').where({ run_id: runId, gate }).first('reasons', 'exclusions');
  const of = `gate ${gate} of run ${runId}`;
  return found ? [...storedReasons(found.reasons, of), ...storedReasons(found.exclusions ?? [], of)] : [];
}

/** Gates of the day's newest run that judged this account, else of its newest that judged all; none when none did. */
export const gatesOfDay = (db: Db, account: string, tradingDay: IsoDate): Question<GateRow[]> =>
  question<GateRow[]>(
    db.raw(
      `
  select account, gate, status, reasons, evidence, exclusions from gate_results
  where run_id = (
      select g.run_id from gate_results g join runs r using (run_id)
       where r.trading_day = :tradingDay and (g.account is null or g.account = :account)
       order by g.account nulls last, r.seq desc limit 1)
    and (account is null or account = :account) order by gate_result_id`,
      { account, tradingDay },
    ),
    (found: Unread[]) => found.map((row) => readGate(row, `${account}'s ${tradingDay}`)),
  );
