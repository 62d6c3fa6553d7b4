import type { Asker } from '../../contract/asker.js';
import { readInput } from '../../contract/day-messages.js';
import { wellFormed } from '../../contract/reading.js';
import { journalAtHand } from '../../db/journal.js';
import { ledgerStateAtHand } from '../../db/ledger-at-hand.js';
import { ask } from '../../db/questions.js';
import { newestReconciliation } from '../../db/reconciliations.js';
import { asOfDate, tradingDayOf } from '../../domain/calendar/calendar.js';
import { dayOfSnapshot } from '../../domain/day/opening.js';
import { reconciliationGate } from '../../domain/decision/gates/reconciliation.js';
import { outcomeOf, resultOrThrow, type Outcome } from '../../domain/errors.js';
import { compare, type DriftLine } from '../../domain/reconciliation/compare.js';
import { openingOf } from '../../domain/reconciliation/opening.js';
import { symbolMeant, type KnownNames } from '../../domain/reconciliation/pasted-table.js';
import type { StoredExplanation } from '../../domain/reconciliation/proposal.js';
import { readCash, readUnits, type FigureRead } from '../../domain/reconciliation/written-figure.js';
import { isReconciledBlind } from '../../domain/policy/policy.js';
import type { DecimalString, IsoDate, LedgerState, Reason } from '../../domain/types.js';
import { identify, type Admitted, type Gatehouse } from '../installation.js';
import { basisOf } from './basis.js';
import { checkSnapshot, invalid } from './check-snapshot.js';
import { explanationsOf } from './explain-comparison.js';
import type { SnapshotRead } from './prepare.js';

/*
 * What a person who reads the broker's figures sees before anything is recorded: what the ledger says, and what the
 * reconciliation of their figures would say. Nothing here writes.
 */

/** What a person is asked for, with the ledger's figures beside. */
export interface SnapshotForm {
  tradingDay: IsoDate;
  /** Of the prices that the day is decided on: a snapshot is of this date or later. */
  asOfDate: IsoDate;
  /**
   * The day on which the figures are read, in the UK: of an evening, a weekend or a holiday earlier than the trading
   * day.
   */
  readOn: IsoDate;
  baseCurrency: string;
  /** Whether the snapshot would open an empty ledger. */
  opens: boolean;
  /** Whether a page hides the ledger's units until they are typed. */
  blind: boolean;
  /** What the form builds on: another one, and somebody has booked or reconciled since. */
  basis: string;
  cash: DecimalString;
  rows: { symbol: string; searchName: string; units: DecimalString }[];
  known: KnownNames;
}

/** The form of the snapshot that is due, of an account. @returns or ACCOUNT_UNKNOWN, OPERATOR_UNKNOWN and the like */
export function snapshotForm(where: Gatehouse, asker: Asker, account: string): Promise<Outcome<SnapshotForm>> {
  return outcomeOf(async () => {
    const admitted = await identify(where, asker, account);
    const { universe, policy } = admitted.configuration;
    const { baseCurrency } = admitted.account;
    const ledger = await ledgerStateAtHand(where.db, account);
    const newest = await newestReconciliation(where.db, account);
    const named = new Map(universe.map((row) => [row.internalSymbol, row.etoroSearchName]));
    const rows = Object.entries(ledger.units)
      .map(([symbol, units]) => ({ symbol, units, searchName: named.get(symbol) ?? symbol }))
      .toSorted((a, b) => (a.symbol < b.symbol ? -1 : 1));
    return {
      ...dayOf(admitted),
      baseCurrency,
      opens: ledger.lastEntryId === null,
      blind: isReconciledBlind(policy),
      basis: basisOf(ledger, newest),
      cash: ledger.cash,
      rows,
      known: { universe, held: Object.keys(ledger.units), baseCurrency },
    };
  });
}

const dayOf = ({
  at,
  configuration: { policy },
}: Admitted): Pick<SnapshotForm, 'tradingDay' | 'asOfDate' | 'readOn'> => {
  const tradingDay = dayOfSnapshot(at, policy.calendar);
  return { tradingDay, asOfDate: asOfDate(tradingDay, policy.calendar), readOn: tradingDayOf(at) };
};

/** The cash that was typed into a form, or the rule that it breaks. */
export const cashTyped = ({ baseCurrency }: SnapshotForm, typed: string): FigureRead => readCash(typed, baseCurrency);

/** Units that were typed, 0 for none, or the rule that they break. */
export const unitsTyped = (typed: string): FigureRead => readUnits(typed);

/** The symbol of the position that was named, or the rule that the name breaks. */
export const positionTyped = ({ known }: SnapshotForm, typed: string): ReturnType<typeof symbolMeant> =>
  symbolMeant(typed, known);

/** What a reconciliation of figures would say, were it recorded now. */
export interface ReconcilePreview {
  status: 'PASS' | 'FAIL';
  reasons: Reason[];
  /** Cash first, then every symbol of either side. */
  lines: DriftLine[];
  explanations: StoredExplanation[];
  /** Whether the snapshot would open the ledger. */
  opens: boolean;
}

/**
 * Compares a snapshot with the ledger as the gate will, and records nothing.
 * @returns SNAPSHOT_INVALID where the snapshot breaks a rule
 */
export function previewReconcile(
  where: Gatehouse,
  asker: Asker,
  typed: SnapshotRead,
): Promise<Outcome<ReconcilePreview>> {
  return outcomeOf(async () => {
    const { account, ...read } = wellFormed(readInput('snapshot', typed));
    const admitted = await identify(where, asker, account);
    const { policy, universe } = admitted.configuration;
    const day = dayOf(admitted);
    const checked = checkSnapshot(admitted, { tradingDay: day.tradingDay, ...read });
    if ('problems' in checked) return resultOrThrow({ ok: false, refusal: invalid(checked.problems) });
    const { snapshot } = checked;
    const stored = await ledgerStateAtHand(where.db, account);
    const { baseCurrency } = admitted.account;
    const isEmpty = stored.lastEntryId === null;
    const opens = isEmpty && openingOf(snapshot, { baseCurrency, asOfDate: day.asOfDate, universe }).draft !== null;
    // A ledger that is opened from the snapshot says what the snapshot says.
    const ledger: LedgerState = opens ? { ...stored, cash: snapshot.cash, units: snapshot.positions } : stored;
    const { lastEntryId } = ledger;
    const taken = {
      ...snapshot,
      snapshotId: '',
      account,
      takenAt: admitted.at,
      operator: admitted.operator,
      lastEntryId,
    };
    const gate = reconciliationGate({ policy, universe, ...day, ledger, snapshot: taken });
    const lines = compare(snapshot, ledger, policy.reconciliation, universe);
    const comparison = { lines, ledger, snapshot, asOfDate: day.asOfDate };
    // It is asked with every pause in typing, and a ledger has many entries.
    const atHand = (name: string) => ask(where.db, journalAtHand(where.db, name, 'ledger'));
    const explanations = await explanationsOf(where.db, admitted, comparison, atHand);
    return { status: gate.status, reasons: gate.reasons, lines, explanations, opens };
  });
}

/** Whether a snapshot may be of that date. @returns SNAPSHOT_INVALID where it may not */
export const checkSnapshotDate = (
  where: Gatehouse,
  asker: Asker,
  { account, snapshotDate }: Pick<SnapshotRead, 'account' | 'snapshotDate'>,
): Promise<Outcome<null>> =>
  outcomeOf(async () => {
    const figures = { account, snapshotDate, cash: '0', positions: {}, notes: null };
    const { account: name, ...read } = wellFormed(readInput('snapshot', figures));
    const admitted = await identify(where, asker, name);
    const checked = checkSnapshot(admitted, { tradingDay: dayOf(admitted).tradingDay, ...read });
    return 'problems' in checked ? resultOrThrow<null>({ ok: false, refusal: invalid(checked.problems) }) : null;
  });
