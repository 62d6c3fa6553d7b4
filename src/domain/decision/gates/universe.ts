import type { DecisionFacts } from '../facts.js';
import { D } from '../../money.js';
import { byText } from '../../order.js';
import type { GateResult, Reason, UniverseRow } from '../../types.js';
import { judged, reason } from './result.js';

/**
 * Whether every instrument that a ticket could name is what it is taken for: each enabled stock and each held symbol has
 * a row that a human has verified (`SYMBOL_UNVERIFIED`) and that is tradable (`SYMBOL_NOT_TRADABLE`).
 */
export function universeGate({ universe, ledger }: Pick<DecisionFacts, 'universe' | 'ledger'>): GateResult {
  const rows = new Map(universe.map((row) => [row.internalSymbol, row]));
  const enabled = universe.filter((row) => row.enabled && row.kind === 'stock').map((row) => row.internalSymbol);
  const held = Object.entries(ledger.units)
    .filter(([, units]) => !D(units).isZero())
    .map(([symbol]) => symbol);
  const symbols = [...new Set([...enabled, ...held])].toSorted(byText);
  const reasons = symbols.flatMap((symbol) => faultsOf(symbol, rows.get(symbol)));
  return judged('universe', reasons, { enabledStocks: enabled.length, held: held.length, checked: symbols.length });
}

function faultsOf(symbol: string, row: UniverseRow | undefined): Reason[] {
  if (!row)
    return [
      reason('SYMBOL_UNVERIFIED', symbol, `${symbol} is held but not in the universe: add and verify its row`, {
        inUniverse: false,
      }),
    ];
  const reasons: Reason[] = [];
  if (row.verifiedOn === null || row.verifiedBy === null) {
    const message = `nobody has verified ${symbol} ("${row.etoroSearchName}" on eToro); look it up and fill in verified_on and verified_by`;
    reasons.push(
      reason('SYMBOL_UNVERIFIED', symbol, message, { inUniverse: true, etoroSearchName: row.etoroSearchName }),
    );
  }
  if (!row.tradable) {
    const message = `${symbol} (${row.kind}) is not tradable; ${row.enabled ? 'disable it' : 'it is still held: correct its row or close the position by hand'}`;
    reasons.push(reason('SYMBOL_NOT_TRADABLE', symbol, message, { kind: row.kind, enabled: row.enabled }));
  }
  return reasons;
}
