import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import type { ReconcileInput } from '../../contract/day-messages.js';
import { appendAudit } from '../../db/audit.js';
import { bookEntry, ledgerState } from '../../db/journal.js';
import { insertReconciliation, reportsNamedLike, type Reconciliation } from '../../db/reconciliations.js';
import { insertSnapshot } from '../../db/snapshots.js';
import { reconciliationGate } from '../../domain/decision/gates/reconciliation.js';
import { compare } from '../../domain/reconciliation/compare.js';
import type { ReconciliationEvidence } from '../../domain/reconciliation/evidence.js';
import { reconciliationIdentity, snapshotIdentity } from '../../domain/reconciliation/identity.js';
import { openingOf } from '../../domain/reconciliation/opening.js';
import type { SnapshotInput } from '../../domain/reconciliation/snapshot.js';
import type { GateResult, Instant, IsoDate, LedgerState, Sha256, Snapshot } from '../../domain/types.js';
import { reconciliationPath } from '../../reports/paths.js';
import type { Proven } from '../installation.js';
import { recordSignature } from '../signing/prove.js';
import { explanationsOf } from './explain-comparison.js';

/** What a comparison is made with. */
export interface Scope {
  input: ReconcileInput;
  asked: Proven;
  door: Asker['door'];
  asOfDate: IsoDate;
  snapshot: SnapshotInput;
}

/** Stores snapshot, comparison and audit record, and opens the ledger from the snapshot where that is empty. */
export async function recordComparison(trx: Knex.Transaction, scope: Scope): Promise<Reconciliation> {
  const {
    input,
    asked: {
      at,
      operator,
      configuration: { policy, universe },
    },
  } = scope;
  const { snapshotId, contentHash } = snapshotIdentity(input.account, at, operator, scope.snapshot);
  const taken = { ...scope.snapshot, snapshotId, account: input.account, takenAt: at, operator };
  await insertSnapshot(trx, taken, contentHash);
  const opening = await openIfEmpty(trx, scope);
  const ledger = await ledgerState(trx, input.account);
  const snapshot: Snapshot = { ...taken, lastEntryId: ledger.lastEntryId };
  const gate = reconciliationGate({
    policy,
    universe,
    asOfDate: scope.asOfDate,
    tradingDay: input.tradingDay,
    ledger,
    snapshot,
  });
  const reconciliation: Reconciliation = {
    reconciliationId: reconciliationIdentity(input.account, input.commandId),
    account: input.account,
    tradingDay: input.tradingDay,
    snapshotId,
    status: gate.status,
    reasons: gate.reasons,
    evidence: await evidenceOf(trx, scope, { snapshot, ledger, gate, opening }),
    lastEntryId: ledger.lastEntryId,
    openedLedger: typeof opening?.entryId === 'number',
    at,
    operator,
    reportPath: await freeReportPath(trx, scope.snapshot.snapshotDate, at),
    commandId: input.commandId,
  };
  await insertReconciliation(trx, reconciliation);
  const { proof } = scope.asked;
  const fact = { fact: 'reconciliations', ids: [reconciliation.reconciliationId] } as const;
  await audit(trx, reconciliation, scope, await recordSignature(trx, proof, fact));
  return reconciliation;
}

/** Opens an empty ledger with this snapshot, when the opening rule lets it. */
async function openIfEmpty(
  trx: Knex.Transaction,
  { input, asked, asOfDate: of, snapshot }: Scope,
): Promise<ReconciliationEvidence['opening']> {
  if ((await ledgerState(trx, input.account)).lastEntryId !== null) return null;
  const {
    account: { baseCurrency },
    configuration: { universe },
    at,
    operator,
  } = asked;
  const opening = openingOf(snapshot, { baseCurrency, asOfDate: of, universe });
  if (!opening.draft) return { entryId: null, text: opening.text };
  const { entryId } = await bookEntry(trx, opening.draft, {
    account: input.account,
    bookedAt: at,
    operator,
    idempotencyKey: `opening:${input.commandId}`,
  });
  const { held } = opening;
  return {
    entryId,
    text: `Entry ${entryId} opened the ledger with ${snapshot.cash} ${baseCurrency} and ${held} position${held === 1 ? '' : 's'}.`,
  };
}

async function evidenceOf(
  trx: Knex.Transaction,
  scope: Scope,
  {
    snapshot,
    ledger,
    gate,
    opening,
  }: { snapshot: Snapshot; ledger: LedgerState; gate: GateResult; opening: ReconciliationEvidence['opening'] },
): Promise<ReconciliationEvidence> {
  const {
    account,
    configuration: { policy, universe },
  } = scope.asked;
  const lines = compare(snapshot, ledger, policy.reconciliation, universe);
  const { snapshotId, snapshotDate, takenAt, cash, positions, notes } = snapshot;
  const explanations =
    opening === null
      ? await explanationsOf(trx, scope.asked, { lines, ledger, snapshot, asOfDate: scope.asOfDate })
      : [];
  return {
    baseCurrency: account.baseCurrency,
    asOfDate: scope.asOfDate,
    snapshot: { snapshotId, snapshotDate, takenAt, cash, positions, notes },
    ...(scope.input.seen && { seen: scope.input.seen }),
    ledger,
    tolerances: {
      cash: String(policy.reconciliation.cash_tolerance),
      units: String(policy.reconciliation.units_tolerance),
    },
    lines,
    explanations,
    opening,
    gate: gate.evidence,
  };
}

/**
 * A simulated clock may stand still, and two accounts may be reconciled in one second: the later report gets a number.
 */
async function freeReportPath(trx: Knex.Transaction, snapshotDate: IsoDate, at: Instant): Promise<string> {
  const plain = reconciliationPath(snapshotDate, at);
  const taken = await reportsNamedLike(trx, plain.replace(/\.md$/, ''));
  return reconciliationPath(snapshotDate, at, taken + 1);
}

async function audit(
  trx: Knex.Transaction,
  stored: Reconciliation,
  { asked, door }: Scope,
  signature: { signature: Sha256 },
): Promise<void> {
  const common = { at: stored.at, account: stored.account, actor: stored.operator };
  const claim = asked.claimedAt === null ? {} : { claimedAt: asked.claimedAt };
  if (stored.openedLedger) {
    await appendAudit(trx, {
      ...common,
      action: 'ledger.opened',
      subject: String(stored.evidence.opening?.entryId),
      detail: { snapshotId: stored.snapshotId, door, ...claim, ...signature },
    });
  }
  const { policyHash, universeHash } = asked.configuration;
  await appendAudit(trx, {
    ...common,
    action: 'snapshot.reconciled',
    subject: stored.reconciliationId,
    detail: {
      snapshotId: stored.snapshotId,
      status: stored.status,
      codes: stored.reasons.map(({ code }) => code),
      reportPath: stored.reportPath,
      policyHash,
      universeHash,
      door,
      ...claim,
      ...signature,
    },
  });
}
