import type { Db } from '../../db/connect.js';
import { newestReconciliation, type Reconciliation } from '../../db/reconciliations.js';
import { outcomeOf, usageError, type Outcome } from '../../domain/errors.js';
import { isUuid } from '../../domain/shapes.js';
import { bounded } from '../../domain/text.js';
import { loadReconciliationFacts, type ReconciliationFacts } from '../../reports/reconciliation/facts.js';

/** A comparison as it is stored. */
export interface ReadReconciliation extends ReconciliationFacts {
  /** The account's newest comparison, where that took its place; null where this is the newest. */
  after: Pick<Reconciliation, 'reconciliationId' | 'status' | 'at'> | null;
}

/** A comparison of an account as it is stored. @returns or UNKNOWN_ID; one of another account is none of this one */
export function readReconciliation(
  db: Db,
  account: string,
  reconciliationId: string,
): Promise<Outcome<ReadReconciliation>> {
  return outcomeOf(async () => {
    const facts = isUuid(reconciliationId) ? await loadReconciliationFacts(db, reconciliationId) : undefined;
    if (facts !== undefined && facts.account === account) {
      const newest = await newestReconciliation(db, account);
      return { ...facts, after: newest?.reconciliationId === reconciliationId ? null : newest };
    }
    throw usageError('UNKNOWN_ID', `reconciliation: ${bounded(reconciliationId)}: account ${account} has no such one`, {
      remedy: 'trading-ops day',
    });
  });
}
