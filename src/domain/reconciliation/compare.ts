import { D, toText, type Decimal } from '../money.js';
import type { Policy } from '../policy/policy.js';
import type { DecimalString, LedgerState, Snapshot, UniverseRow } from '../types.js';

export type Tolerances = Policy['reconciliation'];

/** Cash (symbol null) or one symbol, as both sides have it. Drift is snapshot less ledger. */
export interface DriftLine {
  symbol: string | null;
  ledger: DecimalString;
  snapshot: DecimalString;
  drift: DecimalString;
  tolerance: DecimalString;
  inUniverse: boolean;
  /** Null when the line is within its tolerance. */
  code: 'CASH_DRIFT' | 'UNITS_DRIFT' | 'POSITION_UNKNOWN' | 'POSITION_MISSING' | null;
}

/**
 * Compares what the broker shows with what the ledger sums to: cash first, then every symbol of either side by name.
 * A drift of exactly the tolerance is within it. A symbol outside the universe is unknown even when both sides agree,
 * for nobody can price it.
 */
export function compare(
  snapshot: Pick<Snapshot, 'cash' | 'positions'>,
  ledger: Pick<LedgerState, 'cash' | 'units'>,
  tolerances: Tolerances,
  universe: readonly Pick<UniverseRow, 'internalSymbol'>[],
): DriftLine[] {
  const known = new Set(universe.map((row) => row.internalSymbol));
  const symbols = [...new Set([...Object.keys(snapshot.positions), ...Object.keys(ledger.units)])].toSorted();
  return [
    cashLine(D(ledger.cash), D(snapshot.cash), D(tolerances.cash_tolerance)),
    ...symbols.map((symbol) =>
      unitsLine(
        symbol,
        D(ledger.units[symbol] ?? '0'),
        D(snapshot.positions[symbol] ?? '0'),
        D(tolerances.units_tolerance),
        known.has(symbol),
      ),
    ),
  ];
}

function cashLine(ledger: Decimal, snapshot: Decimal, tolerance: Decimal): DriftLine {
  const drift = snapshot.minus(ledger);
  return {
    symbol: null,
    ledger: ledger.toFixed(2),
    snapshot: snapshot.toFixed(2),
    drift: drift.toFixed(2),
    tolerance: toText(tolerance),
    inUniverse: true,
    code: drift.abs().gt(tolerance) ? 'CASH_DRIFT' : null,
  };
}

function unitsLine(
  symbol: string,
  ledger: Decimal,
  snapshot: Decimal,
  tolerance: Decimal,
  inUniverse: boolean,
): DriftLine {
  const drift = snapshot.minus(ledger);
  return {
    symbol,
    ledger: toText(ledger),
    snapshot: toText(snapshot),
    drift: toText(drift),
    tolerance: toText(tolerance),
    inUniverse,
    code: unitsCode(ledger, snapshot, drift.abs().gt(tolerance), inUniverse),
  };
}

function unitsCode(ledger: Decimal, snapshot: Decimal, over: boolean, inUniverse: boolean): DriftLine['code'] {
  if (!inUniverse && snapshot.gt(0)) return 'POSITION_UNKNOWN';
  if (!over) return null;
  if (ledger.isZero()) return 'POSITION_UNKNOWN';
  return snapshot.isZero() ? 'POSITION_MISSING' : 'UNITS_DRIFT';
}
