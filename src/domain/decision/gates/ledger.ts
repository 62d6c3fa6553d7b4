import type { DecisionFacts } from '../facts.js';
import type { GateResult } from '../../types.js';
import { judged, reason } from './result.js';

/** `LEDGER_EMPTY` until the first snapshot, a deposit or a baseline has opened the account's ledger. */
export function ledgerGate({ ledger }: Pick<DecisionFacts, 'ledger'>): GateResult {
  const evidence = { cash: ledger.cash, lastEntryId: ledger.lastEntryId };
  const reasons =
    ledger.lastEntryId === null
      ? [reason('LEDGER_EMPTY', null, 'nothing was ever booked on this account; its first snapshot opens the ledger')]
      : [];
  return judged('ledger', reasons, evidence);
}
