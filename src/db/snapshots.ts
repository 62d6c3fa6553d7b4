import { D, toText } from '../domain/money.js';
import type { IsoDate, Sha256, Snapshot } from '../domain/types.js';
import type { Db } from './connect.js';
import { canonicalSnapshot, type SnapshotInput } from '../domain/reconciliation/snapshot.js';
import { ask, instantOf, question, rows, type Question } from './questions.js';
import type { Row } from './tables.js';

/**
 * Stores a snapshot. Its id is made of its content and instant, so a repeat finds it there and changes nothing.
 * The newest entry it was reconciled with is stored by its reconciliation, not here.
 */
export async function insertSnapshot(
  db: Db,
  snapshot: Omit<Snapshot, 'lastEntryId'>,
  contentHash: Sha256,
): Promise<void> {
  const inserted = await db('snapshots')
    .insert({
      snapshot_id: snapshot.snapshotId,
      account: snapshot.account,
      snapshot_date: snapshot.snapshotDate,
      taken_at: snapshot.takenAt,
      cash: snapshot.cash,
      notes: snapshot.notes,
      operator: snapshot.operator,
      content_hash: contentHash,
    })
    .onConflict('snapshot_id')
    .ignore()
    .returning('snapshot_id');
  const positions = Object.entries(snapshot.positions).map(([symbol, units]) => ({
    snapshot_id: snapshot.snapshotId,
    symbol,
    units,
  }));
  if (inserted.length > 0 && positions.length > 0) await db('snapshot_positions').insert(positions);
}

type SnapshotRow = Omit<Row<'snapshots'>, 'content_hash' | 'recorded_at'> &
  Pick<Row<'reconciliations'>, 'last_entry_id'> & { positions: Record<string, string> };

/** The snapshot of the account that was reconciled last, with the newest ledger entry of that reconciliation; or null. */
export const latestSnapshot = (db: Db, account: string): Promise<Snapshot | null> =>
  ask(db, snapshotQuestion(db, account));

/** The positions of a snapshot `s`, units by symbol. */
export const POSITIONS_OF_SNAPSHOT = `coalesce((select jsonb_object_agg(symbol, units::text) from snapshot_positions p
                    where p.snapshot_id = s.snapshot_id), '{}')`;

const LATEST = `
  select s.snapshot_id, s.account, s.snapshot_date, s.taken_at, s.cash::text, s.notes, s.operator, r.last_entry_id,
         ${POSITIONS_OF_SNAPSHOT} as positions
    from reconciliations r join snapshots s on s.snapshot_id = r.snapshot_id
   where r.account = ? order by r.seq desc limit 1`;

/** The same as a question. */
export const snapshotQuestion = (db: Db, account: string): Question<Snapshot | null> =>
  question<Snapshot | null>(db.raw(LATEST, [account]), ([row]: SnapshotRow[]) => (row ? snapshotOf(row) : null));

/** The figures of a stored snapshot in their one text. @throws an error for one that is not stored */
export async function snapshotFigures(db: Db, snapshotId: string): Promise<SnapshotInput> {
  const [row] = await rows<Pick<SnapshotRow, 'snapshot_date' | 'cash' | 'notes' | 'positions'>>(
    db,
    `select snapshot_date, cash::text, notes, ${POSITIONS_OF_SNAPSHOT} as positions
       from snapshots s where snapshot_id = ?`,
    [snapshotId],
  );
  if (!row) throw new Error(`snapshot ${snapshotId} is not stored`);
  const { snapshot_date: snapshotDate, cash, notes, positions } = row;
  return canonicalSnapshot({ snapshotDate, cash, notes, positions });
}

function snapshotOf(row: SnapshotRow): Snapshot {
  const positions = Object.keys(row.positions)
    .toSorted()
    .map((symbol) => [symbol, toText(D(row.positions[symbol] ?? '0'))]);
  return {
    snapshotId: row.snapshot_id,
    account: row.account,
    snapshotDate: row.snapshot_date,
    takenAt: instantOf(row.taken_at),
    cash: toText(D(row.cash)),
    positions: Object.fromEntries(positions),
    notes: row.notes,
    operator: row.operator,
    lastEntryId: row.last_entry_id,
  };
}

/** The date that the broker's figures of a snapshot are of; null where there is none. */
export const snapshotDateQuestion = (db: Db, snapshotId: string | null): Question<IsoDate | null> =>
  question<IsoDate | null>(
    db.raw('select snapshot_date as date from snapshots where snapshot_id = ?', [snapshotId] as never),
    ([row]: { date: IsoDate }[]) => row?.date ?? null,
  );
