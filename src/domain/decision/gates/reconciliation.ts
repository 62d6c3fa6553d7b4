import { isBookedSince } from '../../reconciliation/outdated.js';
import { compare, type DriftLine } from '../../reconciliation/compare.js';
import type { DecisionFacts } from '../facts.js';
import { unproved } from '../../signing/facts.js';
import type { GateResult, Reason, Snapshot } from '../../types.js';

/** The part of the facts that the gate looks at. */
export type ReconciliationFacts = Pick<
  DecisionFacts,
  'tradingDay' | 'asOfDate' | 'ledger' | 'snapshot' | 'universe' | 'signatures'
> & { policy: Pick<DecisionFacts['policy'], 'reconciliation'> };

/**
 * NO RECONCILE, NO TRADE: the newest snapshot is of the as-of date or later and not after the trading day, nothing was
 * booked after it was taken, and cash and units agree with the ledger. Tolerances are inclusive: a drift of exactly
 * the limit passes (docs/RULES.md 2.3).
 */
export function reconciliationGate(facts: ReconciliationFacts): GateResult {
  const { snapshot, ledger } = facts;
  const tolerances = facts.policy.reconciliation;
  const evidence = {
    asOfDate: facts.asOfDate,
    tradingDay: facts.tradingDay,
    snapshotId: snapshot?.snapshotId ?? null,
    snapshotDate: snapshot?.snapshotDate ?? null,
    ledgerCash: ledger.cash,
    snapshotCash: snapshot?.cash ?? null,
    lastEntryId: ledger.lastEntryId,
    cashTolerance: tolerances.cash_tolerance,
    unitsTolerance: tolerances.units_tolerance,
  };
  const reasons =
    snapshot === null
      ? [
          reason('SNAPSHOT_MISSING', null, "no snapshot of the broker's figures was ever recorded", {
            asOfDate: facts.asOfDate,
          }),
        ]
      : [
          ...unsigned(snapshot, facts),
          ...freshness(snapshot, facts),
          ...changedSince(snapshot, facts),
          ...compare(snapshot, ledger, tolerances, facts.universe)
            .filter((line) => line.code !== null)
            .map(driftReason),
        ];
  return { gate: 'reconciliation', status: reasons.length === 0 ? 'PASS' : 'FAIL', reasons, evidence };
}

const reason = (code: string, subject: string | null, message: string, evidence: Reason['evidence']): Reason => ({
  code,
  subject,
  message,
  evidence,
});

/** A snapshot that nobody signed is none: what is written around the program stops trading and allows nothing. */
function unsigned({ snapshotDate }: Snapshot, { signatures }: ReconciliationFacts): Reason[] {
  const why = signatures?.snapshot && unproved(signatures.snapshot, signatures.keyring);
  if (!why) return [];
  const message = `the snapshot of ${snapshotDate} counts for nothing: ${why.code}: ${why.message}; reconcile again`;
  return [reason('SNAPSHOT_MISSING', null, message, { snapshotDate, signature: why.code })];
}

function freshness({ snapshotDate }: Snapshot, { asOfDate, tradingDay }: ReconciliationFacts): Reason[] {
  if (snapshotDate >= asOfDate && snapshotDate <= tradingDay) return [];
  const message = `the newest snapshot is of ${snapshotDate}; it must be of ${asOfDate} to ${tradingDay}`;
  return [reason('SNAPSHOT_STALE', null, message, { snapshotDate, asOfDate, tradingDay })];
}

function changedSince(snapshot: Snapshot, { ledger }: ReconciliationFacts): Reason[] {
  if (!isBookedSince(ledger.lastEntryId, snapshot.lastEntryId)) return [];
  const message = `entry ${ledger.lastEntryId} was booked after the snapshot of ${snapshot.snapshotDate} was recorded; reconcile again`;
  return [
    reason('LEDGER_CHANGED_SINCE_SNAPSHOT', null, message, {
      lastEntryId: ledger.lastEntryId,
      snapshotEntryId: snapshot.lastEntryId,
      bookedAt: ledger.lastBookedAt,
      takenAt: snapshot.takenAt,
    }),
  ];
}

const explained: Record<NonNullable<DriftLine['code']>, (line: DriftLine) => string> = {
  CASH_DRIFT: (line) =>
    `cash is ${line.snapshot} at the broker and ${line.ledger} in the ledger: ${line.drift} apart, limit ${line.tolerance}`,
  UNITS_DRIFT: (line) =>
    `${line.symbol} is ${line.snapshot} at the broker and ${line.ledger} in the ledger: ${line.drift} apart, limit ${line.tolerance}`,
  POSITION_UNKNOWN: (line) =>
    line.inUniverse
      ? `${line.symbol}: ${line.snapshot} at the broker, not in the ledger`
      : `${line.symbol}: ${line.snapshot} at the broker, but the symbol is not in the universe`,
  POSITION_MISSING: (line) => `${line.symbol}: ${line.ledger} in the ledger, not at the broker`,
};

function driftReason(line: DriftLine): Reason {
  const code = line.code ?? 'UNITS_DRIFT';
  return reason(code, line.symbol, explained[code](line), {
    ledger: line.ledger,
    snapshot: line.snapshot,
    drift: line.drift,
    tolerance: line.tolerance,
    inUniverse: line.inUniverse,
  });
}
