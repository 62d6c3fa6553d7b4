import { findAccount } from '../../db/accounts.js';
import type { Db } from '../../db/connect.js';
import {
  findComparison,
  findStatement,
  standingOf,
  type StatementEventStored,
  type StoredComparison,
  type StoredStatement,
} from '../../db/statements.js';
import type { Account } from '../../domain/types.js';

/** Everything a report on a statement says: what was stored, and the clock that its commands are typed for. */
export interface StatementFacts extends StoredComparison {
  stored: StoredStatement;
  clock: Account['clock'];
  /** Who took it back, where it counts no more; then nothing is proposed. */
  withdrawn: StatementEventStored | null;
}

/** What the report of a comparison says; undefined for an unknown one. */
export async function loadStatementFacts(db: Db, comparisonId: string): Promise<StatementFacts | undefined> {
  const compared = await findComparison(db, comparisonId);
  const stored = compared && (await findStatement(db, compared.statementId));
  const account = stored && (await findAccount(db, stored.account));
  if (!account) return undefined;
  const standing = await standingOf(db, compared);
  return { ...standing.compared, stored, clock: account.clock, withdrawn: standing.withdrawn };
}
