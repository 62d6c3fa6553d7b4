import { sharesOf, type ShareSplit } from '../../domain/ledger/shares.js';
import { standingEntries, type BookedEntry } from '../../domain/ledger/sums.js';
import { toText } from '../../domain/money.js';
import type { Books } from './value-books.js';

/** Splits that were booked and not taken back. */
export const standingSplits = (entries: readonly BookedEntry[]): BookedEntry[] =>
  standingEntries(entries).filter(({ kind }) => kind === 'SPLIT');

/**
 * Published, ruled and booked: what was booked later was a split already then. Those of later dates too, for a series
 * that is restated shows them in its earlier closes.
 */
export function splitsThen({ splits, entries }: Pick<Books, 'splits' | 'entries'>): ShareSplit[] {
  const booked = standingSplits(entries);
  const symbols = [...new Set(booked.flatMap(({ symbol }) => symbol ?? []))];
  const factors = symbols.flatMap((symbol) =>
    sharesOf(entries, symbol, splits).factors.map(({ exDate, factor }) => ({ symbol, exDate, ratio: toText(factor) })),
  );
  const others = factors.filter(
    (split) =>
      booked.some(({ symbol, effectiveDate }) => symbol === split.symbol && effectiveDate === split.exDate) &&
      !splits.some(({ symbol, exDate }) => symbol === split.symbol && exDate === split.exDate),
  );
  return [...splits, ...others];
}
