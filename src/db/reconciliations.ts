import { z } from 'zod';
import { storedReasons } from '../domain/decision/stored-decision.js';
import { faultError } from '../domain/errors.js';
import { DRIFTS_LOOKED_BACK, driftsSinceAgreed, type EarlierDrift } from '../domain/reconciliation/arrivals.js';
import type { ReconciliationEvidence } from '../domain/reconciliation/evidence.js';
import { storedExplanationSchema } from '../domain/reconciliation/proposal.js';
import type { Instant, IsoDate, Reason } from '../domain/types.js';
import type { Db } from './connect.js';
import { question, rows, withInstants, type Question } from './questions.js';
import type { Row } from './tables.js';
import { lockUntilCommit } from './transaction.js';
import { IN_OUR_WORDS } from '../domain/shape-words.js';

export interface Reconciliation {
  reconciliationId: string;
  account: string;
  tradingDay: IsoDate;
  snapshotId: string;
  status: 'PASS' | 'FAIL';
  reasons: Reason[];
  evidence: ReconciliationEvidence;
  lastEntryId: number | null;
  openedLedger: boolean;
  at: Instant;
  operator: string;
  /** Below the data directory. */
  reportPath: string;
  commandId: string;
}

/** Stores a comparison. The same command of the account twice breaks reconciliations_command_uniq. */
export async function insertReconciliation(db: Db, reconciliation: Reconciliation): Promise<void> {
  await db('reconciliations').insert({
    reconciliation_id: reconciliation.reconciliationId,
    account: reconciliation.account,
    trading_day: reconciliation.tradingDay,
    snapshot_id: reconciliation.snapshotId,
    status: reconciliation.status,
    reasons: JSON.stringify(reconciliation.reasons),
    evidence: JSON.stringify(reconciliation.evidence),
    last_entry_id: reconciliation.lastEntryId,
    opened_ledger: reconciliation.openedLedger,
    at: reconciliation.at,
    operator: reconciliation.operator,
    report_path: reconciliation.reportPath,
    command_id: reconciliation.commandId,
  });
}

const reconciliationOf = (row: Row<'reconciliations'>): Reconciliation => ({
  reconciliationId: row.reconciliation_id,
  account: row.account,
  tradingDay: row.trading_day,
  snapshotId: row.snapshot_id,
  status: row.status,
  reasons: storedReasons(row.reasons, `reconciliation ${row.reconciliation_id}`),
  evidence: evidenceOf(row),
  lastEntryId: row.last_entry_id,
  openedLedger: row.opened_ledger,
  at: row.at,
  operator: row.operator,
  reportPath: row.report_path,
  commandId: row.command_id,
});

/**
 * What was stored is parsed as it is loaded, the explanations of earlier versions too. Throws OpsError
 * EVIDENCE_UNREADABLE (a fault).
 */
function evidenceOf({ reconciliation_id: id, evidence }: Row<'reconciliations'>): ReconciliationEvidence {
  const parsed = z.array(storedExplanationSchema).safeParse(evidence.explanations, IN_OUR_WORDS);
  if (parsed.success) return { ...evidence, explanations: parsed.data };
  throw faultError('EVIDENCE_UNREADABLE', `reconciliation ${id}: explanations: ${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}

/** The reconciliation with this id, or null. */
export async function findReconciliation(db: Db, reconciliationId: string): Promise<Reconciliation | null> {
  const row = await db('reconciliations').where({ reconciliation_id: reconciliationId }).first();
  return row ? reconciliationOf(row) : null;
}

/** What a command of the account led to, or null when it was never carried out. */
export async function reconciliationOfCommand(
  db: Db,
  account: string,
  commandId: string,
): Promise<Reconciliation | null> {
  const row = await db('reconciliations').where({ account, command_id: commandId }).first();
  return row ? reconciliationOf(row) : null;
}

/** The comparison of the account that was made last; null where nothing was compared. */
export async function newestReconciliation(db: Db, account: string): Promise<Reconciliation | null> {
  const row = await db('reconciliations').where({ account }).orderBy('seq', 'desc').first();
  return row ? reconciliationOf(row) : null;
}

/** The ledger's newest entry, and how much of it the newest comparison with the broker knew of; null before either. */
export async function comparedUpTo(
  db: Db,
  account: string,
): Promise<{ ledger: number | null; compared: number | null }> {
  const [found] = await rows<{ ledger: number | null; compared: number | null }>(
    db,
    `select (select max(entry_id) from journal_entries where account = ? and book = 'ledger')::float8 as ledger,
            (select last_entry_id from reconciliations where account = ? order by seq desc limit 1)::float8
              as compared`,
    [account, account],
  );
  return found ?? { ledger: null, compared: null };
}

/**
 * When the account's cash was the ledger's to the penny last, by the date of that snapshot (null when never), and what
 * it was off by since, oldest first.
 */
export async function driftsOf(
  db: Db,
  account: string,
): Promise<{ agreedOn: IsoDate | null; earlier: EarlierDrift[] }> {
  const found = await rows<EarlierDrift>(
    db,
    `
    select s.snapshot_date as "snapshotDate", r.evidence->'lines'->0->>'drift' as drift, r.last_entry_id as "lastEntryId"
      from (select * from reconciliations where account = ? order by seq desc limit ${DRIFTS_LOOKED_BACK}) r
      join snapshots s using (snapshot_id)
     order by r.seq`,
    [account],
  );
  return driftsSinceAgreed(found);
}

/** How many reports already have a path that starts like this: a simulated clock may stand still. */
export async function reportsNamedLike(db: Db, pathStart: string): Promise<number> {
  await lockUntilCommit(db, `report:${pathStart}`);
  const row = await db('reconciliations')
    .whereRaw('starts_with(report_path, ?)', [pathStart])
    .count<{ count: string | number }[]>('* as count')
    .first();
  return Number(row?.count ?? 0);
}

/** The newest comparison of an account's day, and how many there were; null and none where nothing was compared. */
export const reconciliationOfDay = (
  db: Db,
  account: string,
  tradingDay: IsoDate,
): Question<{ newest: Reconciliation | null; count: number }> =>
  question<{ newest: Reconciliation | null; count: number }>(
    db('reconciliations')
      .where({ account, trading_day: tradingDay })
      .orderBy('seq', 'desc')
      .limit(1)
      .select('*', db.raw('count(*) over () as count')),
    (rows: (Row<'reconciliations'> & { count: number })[]) => {
      const [newest] = withInstants(rows, 'at');
      return { newest: newest ? reconciliationOf(newest) : null, count: newest?.count ?? 0 };
    },
  );
