import type { Reason } from '../domain/types.js';
import type { Db } from '../db/connect.js';
import { ask, type Question } from '../db/questions.js';
import { rowsQuestion } from './facts-query.js';

/** What a gate said, as its run recorded it; `account` null: of all accounts. */
export interface GateRow {
  account: string | null;
  gate: string;
  status: 'PASS' | 'FAIL';
  reasons: Reason[];
  evidence: Reason['evidence'];
}

/** Gates as the run recorded them; `account` null gives all accounts', a name that account's and the shared ones. */
export const loadGates = (db: Db, runId: string, account: string | null = null): Promise<GateRow[]> =>
  ask(db, gatesQuestion(db, runId, account));

/** The same as a question. */
export const gatesQuestion = (db: Db, runId: string, account: string | null = null): Question<GateRow[]> =>
  rowsQuestion<GateRow>(
    db,
    `
  select account, gate, status, reasons, evidence from gate_results
  where run_id = ? and (?::text is null or account is null or account = ?) order by gate_result_id`,
    [runId, account as string, account as string],
  );
