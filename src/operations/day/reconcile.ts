import type { Knex } from 'knex';
import { reconciliationPath } from '../../reports/paths.js';
import { listAccounts } from '../../db/accounts.js';
import { appendAudit } from '../../db/audit.js';
import { currentConfiguration } from '../../db/current-configuration.js';
import { loadDriftContext } from '../../db/drift-context.js';
import { bookEntry, journal, ledgerState, lockJournal } from '../../db/journal.js';
import { insertReconciliation, reconciliationOfCommand, reportsNamedLike, type Reconciliation } from '../../db/reconciliations.js';
import { insertSnapshot } from '../../db/snapshots.js';
import { inTransaction } from '../../db/transaction.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { reconciliationGate } from '../../domain/decision/gates/reconciliation.js';
import { openingEntry } from '../../domain/ledger/entries.js';
import { compare } from '../../domain/reconciliation/compare.js';
import type { ReconciliationEvidence } from '../../domain/reconciliation/evidence.js';
import { explainDrift } from '../../domain/reconciliation/explain.js';
import { reconciliationIdentity, snapshotIdentity } from '../../domain/reconciliation/identity.js';
import { parseSnapshot, type Problem, type SnapshotInput } from '../../domain/reconciliation/snapshot.js';
import type { Policy } from '../../domain/policy/policy.js';
import type { Account, GateResult, Instant, IsoDate, LedgerState, Reason, Snapshot, UniverseRow } from '../../domain/types.js';
import type { ReconcileCommand, ReconcileReply } from '../../contract/day-messages.js';

export interface Reconcile extends ReconcileCommand {
  account: string;
  tradingDay: IsoDate;
}

export interface ReconcileResult extends ReconcileReply {
  /** Null when the snapshot was rejected: then nothing was stored. */
  reconciliationId: string | null;
}

/** What a comparison is made with. */
interface Scope {
  input: Reconcile;
  account: Account;
  policy: Policy;
  universe: UniverseRow[];
  asOfDate: IsoDate;
  snapshot: SnapshotInput;
}

/** The activity that records a snapshot and compares it with the ledger. */
export function createReconcileActivities({ db }: { db: Knex }) {
  /**
   * Records the snapshot, opens the ledger from it when that is empty, runs the gate, and stores the comparison with
   * everything its report says: all in one transaction. A snapshot that breaks a rule is rejected and changes nothing.
   */
  async function reconcile(input: Reconcile): Promise<ReconcileResult> {
    const checked = await check(db, input);
    if ('problems' in checked) return rejected(checked.problems);
    return inTransaction(db, async (trx) => {
      await lockJournal(trx, input.account);
      const earlier = await reconciliationOfCommand(trx, input.account, input.commandId);
      return resultOf(earlier ?? await record(trx, checked));
    });
  }
  return { reconcile };
}

async function check(db: Knex, input: Reconcile): Promise<Scope | { problems: Problem[] }> {
  const problem = (field: string, value: string, rule: string) => ({ problems: [{ field, value, rule }] });
  const account = (await listAccounts(db)).find((known) => known.account === input.account);
  if (!account) return problem('account', input.account, 'must be an account of this installation: trading-ops account add');
  const configuration = await currentConfiguration(db);
  if (!configuration) return problem('trading day', input.tradingDay, 'must come after a first run, which checks and pins policy and universe: make run-0800');
  const { policy, universe } = configuration;
  if (!policy.operators.includes(input.operator)) return problem('operator', input.operator, `must be one of ${policy.operators.join(', ')}`);
  const today = tradingDayOf(input.at);
  if (today > input.tradingDay) return problem('at', input.at, `must not be after the trading day, ${input.tradingDay}`);
  const { snapshotDate, cash, positions, notes } = input;
  const parsed = parseSnapshot({ snapshotDate, cash, positions, notes }, today);
  if ('problems' in parsed) return parsed;
  return { input, account, policy, universe, asOfDate: asOfDate(input.tradingDay, policy.calendar), snapshot: parsed.snapshot };
}

function rejected(problems: Problem[]): ReconcileResult {
  const reasons = problems.map(({ field, value, rule }): Reason => ({
    code: 'SNAPSHOT_INVALID', subject: field, message: `${field}: ${value ?? '(missing)'}: ${rule}`, evidence: { field, value, rule },
  }));
  return { reconciliationId: null, status: 'REJECTED', reasons, explanations: [], openedLedger: false, reportPath: null };
}

const resultOf = (stored: Reconciliation): ReconcileResult => ({
  reconciliationId: stored.reconciliationId, status: stored.status, reasons: stored.reasons, explanations: stored.evidence.explanations,
  openedLedger: stored.openedLedger, reportPath: stored.reportPath,
});

async function record(trx: Knex.Transaction, scope: Scope): Promise<Reconciliation> {
  const { input } = scope;
  const { snapshotId, contentHash } = snapshotIdentity(input.account, input.at, input.operator, scope.snapshot);
  const taken = { ...scope.snapshot, snapshotId, account: input.account, takenAt: input.at, operator: input.operator };
  await insertSnapshot(trx, taken, contentHash);
  const opening = await openIfEmpty(trx, scope);
  const ledger = await ledgerState(trx, input.account);
  const snapshot: Snapshot = { ...taken, lastEntryId: ledger.lastEntryId };
  const gate = reconciliationGate({ ...scope, tradingDay: input.tradingDay, ledger, snapshot });
  const reconciliation: Reconciliation = {
    reconciliationId: reconciliationIdentity(input.account, input.commandId), account: input.account, tradingDay: input.tradingDay,
    snapshotId, status: gate.status, reasons: gate.reasons, evidence: await evidenceOf(trx, scope, { snapshot, ledger, gate, opening }),
    lastEntryId: ledger.lastEntryId, openedLedger: typeof opening?.entryId === 'number', at: input.at, operator: input.operator,
    reportPath: await freeReportPath(trx, scope.snapshot.snapshotDate, input.at), commandId: input.commandId,
  };
  await insertReconciliation(trx, reconciliation);
  await audit(trx, reconciliation);
  return reconciliation;
}

/** Opens an empty ledger with this snapshot, unless it is of another day or names a symbol that nobody can price. */
async function openIfEmpty(trx: Knex.Transaction, scope: Scope): Promise<ReconciliationEvidence['opening']> {
  const { input, account, snapshot } = scope;
  if ((await ledgerState(trx, input.account)).lastEntryId !== null) return null;
  const unknown = Object.keys(snapshot.positions).filter((symbol) => !scope.universe.some((row) => row.internalSymbol === symbol));
  if (unknown.length > 0) return { entryId: null, text: `The ledger is empty and stays so: ${unknown.join(', ')} not in the universe.` };
  if (snapshot.snapshotDate < scope.asOfDate) {
    return { entryId: null, text: `The ledger is empty and stays so: the snapshot must be of ${scope.asOfDate} or later.` };
  }
  const draft = openingEntry({ date: snapshot.snapshotDate, baseCurrency: account.baseCurrency, cash: snapshot.cash, positions: snapshot.positions });
  if (!draft) return { entryId: null, text: 'The ledger is empty and stays so: the snapshot shows neither cash nor positions.' };
  const { entryId } = await bookEntry(trx, draft, {
    account: input.account, bookedAt: input.at, operator: input.operator, idempotencyKey: `opening:${input.commandId}`,
  });
  const held = Object.keys(snapshot.positions).length;
  return { entryId, text: `Entry ${entryId} opened the ledger with ${snapshot.cash} ${account.baseCurrency} and ${held} position${held === 1 ? '' : 's'}.` };
}

async function evidenceOf(
  trx: Knex.Transaction, scope: Scope,
  { snapshot, ledger, gate, opening }: { snapshot: Snapshot; ledger: LedgerState; gate: GateResult; opening: ReconciliationEvidence['opening'] },
): Promise<ReconciliationEvidence> {
  const { account, policy, universe } = scope;
  const lines = compare(snapshot, ledger, policy.reconciliation, universe);
  const { snapshotId, snapshotDate, takenAt, cash, positions, notes } = snapshot;
  // Nothing explains drift against an empty ledger but that it is empty.
  const explain = gate.status === 'FAIL' && ledger.lastEntryId !== null;
  const entries = explain ? await journal(trx, account.account) : [];
  // What was sold on the ex-date is held by neither side any more, and its dividend still comes.
  const ever = entries.flatMap(({ postings }) => postings.filter((posting) => posting.account === 'Assets:Units').map(({ commodity }) => commodity));
  const explanations = explain ? explainDrift(lines, await loadDriftContext(trx, {
    account, policy, entries, snapshotDate, asOfDate: scope.asOfDate,
    symbols: [...new Set([...Object.keys(positions), ...ever])],
  })) : [];
  return {
    baseCurrency: account.baseCurrency, asOfDate: scope.asOfDate, snapshot: { snapshotId, snapshotDate, takenAt, cash, positions, notes }, ledger,
    tolerances: { cash: String(policy.reconciliation.cash_tolerance), units: String(policy.reconciliation.units_tolerance) },
    lines, explanations, opening, gate: gate.evidence,
  };
}

/** A simulated clock may stand still, and two accounts may be reconciled in one second: the later report gets a number. */
async function freeReportPath(trx: Knex.Transaction, snapshotDate: IsoDate, at: Instant): Promise<string> {
  const plain = reconciliationPath(snapshotDate, at);
  const taken = await reportsNamedLike(trx, plain.replace(/\.md$/, ''));
  return reconciliationPath(snapshotDate, at, taken + 1);
}

async function audit(trx: Knex.Transaction, stored: Reconciliation): Promise<void> {
  const common = { at: stored.at, account: stored.account, actor: stored.operator };
  if (stored.openedLedger) {
    await appendAudit(trx, { ...common, action: 'ledger.opened', subject: String(stored.evidence.opening?.entryId), detail: { snapshotId: stored.snapshotId } });
  }
  await appendAudit(trx, {
    ...common, action: 'snapshot.reconciled', subject: stored.reconciliationId,
    detail: { snapshotId: stored.snapshotId, status: stored.status, codes: stored.reasons.map(({ code }) => code), reportPath: stored.reportPath },
  });
}
