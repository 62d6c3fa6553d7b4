/** As much of a booked entry as tells whether it stands. */
interface Placed {
  entryId: number;
  reversesEntryId: number | null;
}

const NONE: ReadonlySet<number> = new Set();

/**
 * An index of everything that a journal ever said, whatever was taken back of it: made once, it goes on where entries
 * were added.
 * @param make an empty index
 * @param add enters one entry
 */
export function everIndex<Entry, Index>(
  make: () => Index,
  add: (index: Index, entry: Entry) => void,
): (entries: readonly Entry[]) => Index {
  const kept = new WeakMap<readonly Entry[], Kept<Entry, Index>>();
  return (entries) => {
    const known = kept.get(entries);
    const from = known && isBeginning(known, entries) ? known : { count: 0, index: make() };
    if (known === from && known.count === entries.length) return known.index;
    for (const entry of entries.slice(from.count)) add(from.index, entry);
    kept.set(entries, { count: entries.length, last: entries.at(-1), index: from.index });
    return from.index;
  };
}

interface Kept<Entry, Index> {
  /** Entries that are in the index. */
  count: number;
  last: Entry | undefined;
  index: Index;
}

/**
 * An index of a journal that is made once and goes on where entries were added: nobody changes or removes one. A
 * reversal changes what stands, so the index is made anew.
 * @param make an empty index
 * @param add enters one entry that nobody has taken back; a reversal is one too. It is told the numbers of all entries
 * where any is a reversal
 */
export function grownIndex<Entry extends Placed, Index>(
  make: () => Index,
  add: (index: Index, entry: Entry, numbers: ReadonlySet<number>) => void,
): (entries: readonly Entry[]) => Index {
  const kept = new WeakMap<readonly Entry[], Kept<Entry, Index>>();
  return (entries) => {
    const known = kept.get(entries);
    if (known && known.count === entries.length && known.last === entries.at(-1)) return known.index;
    const from = known && goesOn(known, entries) ? known : { count: 0, index: make() };
    const added = from.count === 0 ? entries : entries.slice(from.count);
    const reversed = new Set(added.flatMap(({ reversesEntryId }) => reversesEntryId ?? []));
    const numbers = reversed.size === 0 ? NONE : new Set(entries.map(({ entryId }) => entryId));
    for (const entry of added) if (!reversed.has(entry.entryId)) add(from.index, entry, numbers);
    kept.set(entries, { count: entries.length, last: entries.at(-1), index: from.index });
    return from.index;
  };
}

const isBeginning = <Entry>({ count, last }: Kept<Entry, unknown>, entries: readonly Entry[]): boolean =>
  entries.length >= count && entries[count - 1] === last;

const goesOn = <Entry extends Placed>(known: Kept<Entry, unknown>, entries: readonly Entry[]): boolean =>
  isBeginning(known, entries) && entries.slice(known.count).every(({ reversesEntryId }) => reversesEntryId === null);
