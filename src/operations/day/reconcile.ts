import type { Knex } from 'knex';
import type { Asker } from '../../contract/asker.js';
import { readInput, type ReconcileInput, type ReconcileReply } from '../../contract/day-messages.js';
import { openAccount } from '../../db/accounts.js';
import type { Db } from '../../db/connect.js';
import { snapshotFigures } from '../../db/snapshots.js';
import { contentHash } from '../../domain/hash.js';
import { parseSnapshot } from '../../domain/reconciliation/snapshot.js';
import { bounded } from '../../domain/text.js';
import { storeConfiguration } from '../../db/configurations.js';
import { lockJournal } from '../../db/journal.js';
import { reconciliationOfCommand, type Reconciliation } from '../../db/reconciliations.js';
import { inTransaction } from '../../db/transaction.js';
import { asOfDate } from '../../domain/calendar/calendar.js';
import { outcomeOf, usageError, type Refusal } from '../../domain/errors.js';
import { problemText, type Problem } from '../../domain/problems.js';
import { D } from '../../domain/money.js';
import { reconcileAct } from '../../domain/signing/act.js';
import { signedShape } from '../../domain/signing/attestation.js';
import type { Reason } from '../../domain/types.js';
import { identify, type Gatehouse } from '../installation.js';
import { proveWithin, toldOfForgery } from '../signing/prove.js';
import { checkSnapshot, invalid } from './check-snapshot.js';
import { recordComparison, type Scope } from './record-comparison.js';

export interface ReconcileResult extends ReconcileReply {
  /** Null when the snapshot was rejected: then nothing was stored. */
  reconciliationId: string | null;
}

/**
 * Records the snapshot, opens the ledger from it when that is empty, runs the gate, and stores the comparison with
 * everything its report says: all in one transaction, which on a fresh installation also pins policy and universe and
 * opens the account. A snapshot that breaks a rule is rejected and changes nothing.
 */
export async function reconcile(
  installation: Gatehouse,
  asker: Asker,
  asked: ReconcileInput,
): Promise<ReconcileResult> {
  const outcome = await outcomeOf(async () => {
    const reading = readInput('reconcile', asked);
    if (!reading.ok) return rejected(reading.refusal, reading.problems);
    const input = reading.value;
    const { account, tradingDay, commandId } = input;
    const purpose = purposeOf(asker);
    const said = { purpose, account, tradingDay };
    return toldOfForgery(installation, { asker, said, subject: `reconcile ${commandId}` }, async () => {
      const admitted = await identify(installation, asker, account, said);
      const told = await reconciliationOfCommand(installation.db, account, commandId);
      if (told) return repeated(installation.db, told, input);
      const checked = checkSnapshot(admitted, input);
      if ('problems' in checked) return rejected(invalid(checked.problems), checked.problems);
      const proof = await proveWithin(
        installation,
        asker,
        reconcileAct({ ...said, commandId, seen: input.seen }, checked.snapshot),
      );
      return inTransaction(installation.db, (trx) =>
        recordOnce(trx, {
          input,
          asked: { ...admitted, proof },
          door: asker.door,
          snapshot: checked.snapshot,
          asOfDate: asOfDate(tradingDay, admitted.configuration.policy.calendar),
        }),
      );
    });
  });
  return outcome.ok ? outcome.result : rejected(outcome.refusal);
}

/** Of a snapshot that opens a ledger its sender says so. */
const purposeOf = ({ signature }: Asker): 'opening' | 'reconcile' => (isOpening(signature) ? 'opening' : 'reconcile');

const isOpening = (signature: unknown): boolean =>
  signedShape().safeParse(signature).data?.attestation.purpose === 'opening';

/** Reasons that a reply names one by one. */
const REASONS_MAX = 20;

function rejected(refusal: Refusal, problems: readonly Problem[] = []): ReconcileResult {
  const { code, message } = refusal;
  const reasons = problems.slice(0, REASONS_MAX).map(({ field, value, rule }): Reason => ({
    code,
    subject: field,
    message: problemText([{ field, value, rule }]),
    evidence: { field, value, rule },
  }));
  return {
    reconciliationId: null,
    status: 'REJECTED',
    reasons: reasons.length > 0 ? reasons : [{ code, subject: null, message, evidence: {} }],
    explanations: [],
    openedLedger: false,
    reportPath: null,
    refusal,
  };
}

/**
 * The same command again has the answer that it had; with other figures it is another one, and whoever sent it must not
 * read the answer as theirs.
 */
async function repeated(db: Db, stored: Reconciliation, input: ReconcileInput): Promise<ReconcileResult> {
  const { snapshotDate, cash, positions, notes, seen = null, commandId } = input;
  const parsed = parseSnapshot({ snapshotDate, cash, positions, notes }, snapshotDate);
  if ('problems' in parsed) return rejected(invalid(parsed.problems), parsed.problems);
  const said = contentHash([parsed.snapshot, seen]);
  const first = contentHash([await snapshotFigures(db, stored.snapshotId), stored.evidence.seen ?? null]);
  if (said === first && stored.tradingDay === input.tradingDay) return resultOf(stored);
  throw usageError(
    'MESSAGE_INVALID',
    `commandId: ${bounded(commandId)}: must be a new one: other figures came with it`,
  );
}

const resultOf = (stored: Reconciliation): ReconcileResult => ({
  reconciliationId: stored.reconciliationId,
  status: stored.status,
  reasons: stored.reasons,
  explanations: stored.evidence.explanations,
  drift: driftOf(stored.evidence),
  openedLedger: stored.openedLedger,
  reportPath: stored.reportPath,
  at: stored.at,
});

/** Of drift within its tolerance, what it is; what is over it is a reason of its own. */
const driftOf = ({ lines, baseCurrency }: Reconciliation['evidence']): ReconcileResult['drift'] =>
  lines
    .filter(({ code, drift }) => code === null && !D(drift).isZero())
    .map(({ symbol, drift, tolerance }) => ({ what: symbol ?? `cash (${baseCurrency})`, drift, tolerance }));

async function recordOnce(trx: Knex.Transaction, scope: Scope): Promise<ReconcileResult> {
  const {
    input: { account, commandId },
    asked: { configuration, account: owner, operator, at },
  } = scope;
  await lockJournal(trx, account);
  const earlier = await reconciliationOfCommand(trx, account, commandId);
  if (earlier) return repeated(trx, earlier, scope.input);
  await storeConfiguration(trx, 'policy', configuration.policyHash, configuration.policy);
  await storeConfiguration(trx, 'universe', configuration.universeHash, configuration.universe);
  await openAccount(trx, owner, operator, at);
  return resultOf(await recordComparison(trx, scope));
}
