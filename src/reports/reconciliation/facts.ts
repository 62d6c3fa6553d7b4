import { findAccount } from '../../db/accounts.js';
import type { Db } from '../../db/connect.js';
import { findReconciliation, type Reconciliation } from '../../db/reconciliations.js';
import type { Account } from '../../domain/types.js';

/** Everything a reconciliation report says: what was stored, and the clock that its commands are typed for. */
export interface ReconciliationFacts extends Reconciliation {
  clock: Account['clock'];
}

/** What the report of a reconciliation says; undefined for an unknown one. */
export async function loadReconciliationFacts(
  db: Db,
  reconciliationId: string,
): Promise<ReconciliationFacts | undefined> {
  const reconciliation = await findReconciliation(db, reconciliationId);
  if (!reconciliation) return undefined;
  const account = await findAccount(db, reconciliation.account);
  return account && { ...reconciliation, clock: account.clock };
}
