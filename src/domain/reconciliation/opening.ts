import { openingEntry, type EntryDraft } from '../ledger/entries.js';
import type { SnapshotInput } from './snapshot.js';
import type { IsoDate } from '../types.js';

/** What becomes of an empty ledger when a snapshot is reconciled: the entry that opens it, or why it stays empty. */
export type Opening = { draft: EntryDraft; held: number } | { draft: null; text: string };

/**
 * The opening rule: the first snapshot opens the ledger, unless it is older than the prices it would be
 * valued with, names a symbol that nobody can price, or shows nothing at all.
 */
export function openingOf(
  snapshot: SnapshotInput,
  {
    baseCurrency,
    asOfDate,
    universe,
  }: { baseCurrency: string; asOfDate: IsoDate; universe: readonly { internalSymbol: string }[] },
): Opening {
  const unknown = Object.keys(snapshot.positions).filter(
    (symbol) => !universe.some((row) => row.internalSymbol === symbol),
  );
  if (unknown.length > 0) return staysEmpty(`${unknown.join(', ')} not in the universe`);
  if (snapshot.snapshotDate < asOfDate) return staysEmpty(`the snapshot must be of ${asOfDate} or later`);
  const draft = openingEntry({
    date: snapshot.snapshotDate,
    baseCurrency,
    cash: snapshot.cash,
    positions: snapshot.positions,
  });
  return draft
    ? { draft, held: Object.keys(snapshot.positions).length }
    : staysEmpty('the snapshot shows neither cash nor positions');
}

const staysEmpty = (why: string): Opening => ({ draft: null, text: `The ledger is empty and stays so: ${why}.` });
