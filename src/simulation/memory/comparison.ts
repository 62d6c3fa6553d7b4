import type { ReconcileReply } from '../../contract/day-messages.js';
import { asOfDate as asOfDateOf } from '../../domain/calendar/calendar.js';
import { reconciliationGate } from '../../domain/decision/gates/reconciliation.js';
import { compare, type DriftLine } from '../../domain/reconciliation/compare.js';
import { driftContextOf } from '../../domain/reconciliation/drift-context.js';
import { DRIFTS_LOOKED_BACK, driftsSinceAgreed } from '../../domain/reconciliation/arrivals.js';
import { explainDrift, isToExplain, symbolsToExplain } from '../../domain/reconciliation/explain.js';
import { snapshotIdentity } from '../../domain/reconciliation/identity.js';
import { openingOf } from '../../domain/reconciliation/opening.js';
import { canonicalSnapshot, type SnapshotInput } from '../../domain/reconciliation/snapshot.js';
import { faultError } from '../../domain/errors.js';
import type { Instant, IsoDate, Snapshot } from '../../domain/types.js';
import type { MemoryDesk } from './desk.js';

/** A snapshot as the simulated operator sends it for a trading day. */
export interface SentSnapshot {
  id: string;
  cash: string;
  positions: Record<string, string>;
  notes: string;
  at: Instant;
}

/** Records a snapshot, opens the ledger from it where that is empty, compares, and explains what drifts. */
export function compareSnapshot(desk: MemoryDesk, tradingDay: IsoDate, sent: SentSnapshot): ReconcileReply {
  const { rules, books } = desk;
  const { account, policy, universe } = rules;
  const { cash, positions, notes } = sent;
  // The broker's own figures: there is nothing to read that somebody typed.
  const seen = canonicalSnapshot({ snapshotDate: tradingDay, cash, positions, notes });
  const asOfDate = asOfDateOf(tradingDay, policy.calendar);
  const { snapshotId } = snapshotIdentity(account.account, sent.at, rules.operator, seen);
  const opened = openIfEmpty(desk, seen, asOfDate, sent);
  const ledger = books.state();
  const snapshot: Snapshot = {
    ...seen,
    snapshotId,
    account: account.account,
    takenAt: sent.at,
    operator: rules.operator,
    lastEntryId: ledger.lastEntryId,
  };
  const gate = reconciliationGate({ policy, universe, asOfDate, tradingDay, ledger, snapshot });
  const lines = compare(snapshot, ledger, policy.reconciliation, universe);
  const explanations = opened ? [] : explained(desk, lines, snapshot, asOfDate);
  desk.snapshot = snapshot;
  desk.compared.push({
    snapshotDate: snapshot.snapshotDate,
    drift: lines[0]?.drift ?? '0',
    lastEntryId: ledger.lastEntryId,
  });
  return { status: gate.status, reasons: gate.reasons, explanations, openedLedger: opened, reportPath: null };
}

function openIfEmpty(
  { rules, books }: MemoryDesk,
  snapshot: SnapshotInput,
  asOfDate: IsoDate,
  { id, at }: SentSnapshot,
): boolean {
  if (books.state().lastEntryId !== null) return false;
  const { account, universe, operator } = rules;
  const opening = openingOf(snapshot, { baseCurrency: account.baseCurrency, asOfDate, universe });
  if (!opening.draft) throw faultError('LEDGER_EMPTY', opening.text);
  books.book(opening.draft, { at, operator, key: `opening:${id}` });
  return true;
}

function explained(
  desk: MemoryDesk,
  lines: DriftLine[],
  { snapshotDate, positions }: Snapshot,
  asOfDate: IsoDate,
): ReconcileReply['explanations'] {
  const { rules, books, market } = desk;
  if (!isToExplain(lines, books.state())) return [];
  const { baseCurrency } = rules.account;
  const symbols = symbolsToExplain(positions, books.entries);
  const context = driftContextOf({
    baseCurrency,
    snapshotDate,
    asOfDate,
    entries: books.entries,
    policy: rules.policy,
    universe: rules.universe,
    ...driftsSinceAgreed(desk.compared.slice(-DRIFTS_LOOKED_BACK)),
    fxOn: (currency, date) => market.rateUpTo(baseCurrency, currency, date < snapshotDate ? date : snapshotDate),
    actions: market.knownActions(symbols, asOfDate).settled,
    quotes: market.newestQuotes(symbols, { date: asOfDate, base: baseCurrency }),
    unconfirmed: desk.open().map(({ ticketId, material }) => ({
      ticketId,
      kind: material.kind,
      dryRun: material.dryRun,
      material,
    })),
  });
  return explainDrift(lines, context);
}
