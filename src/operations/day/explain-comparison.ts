import type { Db } from '../../db/connect.js';
import { loadDriftContext } from '../../db/drift-context.js';
import { journal } from '../../db/journal.js';
import type { DriftLine } from '../../domain/reconciliation/compare.js';
import { explainDrift, isToExplain, symbolsToExplain } from '../../domain/reconciliation/explain.js';
import type { SnapshotInput } from '../../domain/reconciliation/snapshot.js';
import type { BookedEntry } from '../../domain/ledger/sums.js';
import type { IsoDate, LedgerState } from '../../domain/types.js';
import type { Admitted } from '../installation.js';

/** How the entries of an account are read: kept at hand where somebody only looks, anew within a transaction. */
type ReadEntries = (account: string) => Promise<BookedEntry[]>;

/** What would explain the drift of a comparison; drift that passes is looked at too, lest it add up. */
export async function explanationsOf(
  db: Db,
  { account, configuration: { policy, universe } }: Pick<Admitted, 'account' | 'configuration'>,
  {
    lines,
    ledger,
    snapshot: { snapshotDate, positions },
    asOfDate,
  }: {
    lines: DriftLine[];
    ledger: Pick<LedgerState, 'lastEntryId'>;
    snapshot: Pick<SnapshotInput, 'snapshotDate' | 'positions'>;
    asOfDate: IsoDate;
  },
  readEntries: ReadEntries = (name) => journal(db, name),
): Promise<ReturnType<typeof explainDrift>> {
  if (!isToExplain(lines, ledger)) return [];
  const entries = await readEntries(account.account);
  const symbols = symbolsToExplain(positions, entries);
  const context = { account, policy, universe, entries, snapshotDate, asOfDate, symbols };
  return explainDrift(lines, await loadDriftContext(db, context));
}
