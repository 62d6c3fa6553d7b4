import type { IsoDate } from '../types.js';
import { isSplitMissing } from './bookings/split.js';
import type { EntryKind } from './entries.js';
import type { BookedEntry } from './sums.js';

/** A split that a source told or that somebody booked. */
interface ToldSplit {
  symbol: string;
  exDate: IsoDate;
}

/** What a valuation stands on. */
interface Valued {
  asOfDate: IsoDate;
  lastEntryId: number;
}

/** Entries that say something of every symbol: what was there first, what is called otherwise, what was taken back. */
const OF_ALL: readonly EntryKind[] = ['OPENING', 'RENAME', 'REVERSAL'];

/**
 * Tells of a valuation the first split that its prices showed, of what it held, and that no entry in it had; null when
 * there is none. A journal of years is looked through once, and not once for each split and valuation: of its entries
 * only those of the split's own shares say anything of it.
 * @param entries the journal, in booking order.
 */
export function uncountedSplits<Split extends ToldSplit>(
  entries: readonly BookedEntry[],
  told: readonly Split[],
): (valued: Valued) => Split | null {
  const ofShares = entriesOfShares(entries);
  const answers = new Map<string, boolean>();
  const isMissing = ({ symbol, exDate }: Split, lastEntryId: number): boolean => {
    const then = ofShares(symbol).filter(({ entryId }) => entryId <= lastEntryId);
    const key = [symbol, exDate, then.length].join(' ');
    const answer = answers.get(key) ?? isSplitMissing(then, symbol, exDate);
    answers.set(key, answer);
    return answer;
  };
  return ({ asOfDate, lastEntryId }) =>
    told.find((split) => split.exDate <= asOfDate && isMissing(split, lastEntryId)) ?? null;
}

/** The entries that say something of a symbol's shares, under any name they ever had, in booking order. */
function entriesOfShares(entries: readonly BookedEntry[]): (symbol: string) => readonly BookedEntry[] {
  const ofAll = entries.filter(({ kind }) => OF_ALL.includes(kind));
  const bySymbol = new Map<string, BookedEntry[]>();
  for (const entry of entries)
    for (const symbol of new Set([entry.symbol ?? '', ...entry.postings.map(({ commodity }) => commodity)])) {
      const own = bySymbol.get(symbol) ?? [];
      own.push(entry);
      bySymbol.set(symbol, own);
    }
  const known = new Map<string, readonly BookedEntry[]>();
  const find = (symbol: string): readonly BookedEntry[] => {
    const own = [...namesOf(ofAll, symbol)].flatMap((name) => bySymbol.get(name) ?? []);
    return [...new Set([...ofAll, ...own])].toSorted((a, b) => a.entryId - b.entryId);
  };
  return (symbol) => {
    const found = known.get(symbol) ?? find(symbol);
    known.set(symbol, found);
    return found;
  };
}

/** Every name that a symbol's shares may have had, also by renames that were taken back since. */
function namesOf(entries: readonly BookedEntry[], symbol: string): Set<string> {
  const names = new Set([symbol]);
  const renames = entries.filter(({ kind }) => kind === 'RENAME');
  for (let before = 0; before < names.size;) {
    before = names.size;
    for (const { symbol: from, postings } of renames)
      if (from !== null && postings.some(({ commodity }) => names.has(commodity))) names.add(from);
  }
  return names;
}
