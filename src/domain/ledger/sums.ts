import { D, toText, type Decimal } from '../money.js';
import { countWhile } from '../sorted.js';
import type { DecimalString, IsoDate } from '../types.js';
import type { EntryDraft, EntryKind, LedgerAccount } from './entries.js';
import { everIndex, grownIndex } from './grown.js';
import { actsBefore, formerOf } from './sequence.js';

/** An entry as the journal holds it, in booking order. */
export interface BookedEntry extends EntryDraft {
  entryId: number;
  bookedAt: string;
  reversesEntryId: number | null;
  ticketId: string | null;
  confirmationId: string | null;
  idempotencyKey: string;
  operator: string;
}

/** Adds up the postings of one ledger account by commodity; commodities that come to zero are left out. */
export function sumsOf(entries: readonly EntryDraft[], account: LedgerAccount): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const posting of entries.flatMap((entry) => entry.postings)) {
    if (posting.account === account)
      sums.set(posting.commodity, (sums.get(posting.commodity) ?? D(0)).plus(D(posting.amount)));
  }
  return new Map([...sums].filter(([, sum]) => !sum.isZero()).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The symbols of which a book ever had units, in the order in which it got them. */
export const symbolsEverHeld: (entries: readonly BookedEntry[]) => ReadonlySet<string> = everIndex<
  BookedEntry,
  Set<string>
>(
  () => new Set(),
  (held, { postings }) => {
    for (const { account, commodity } of postings) if (account === 'Assets:Units') held.add(commodity);
  },
);

/** Cash in base currency and units by symbol: what the schema's sums say too. */
export function ledgerSums(
  entries: readonly EntryDraft[],
  baseCurrency: string,
): { cash: DecimalString; units: Record<string, DecimalString> } {
  const units = [...sumsOf(entries, 'Assets:Units')].map(([symbol, sum]) => [symbol, toText(sum)]);
  return { cash: toText(sumsOf(entries, 'Assets:Cash').get(baseCurrency) ?? D(0)), units: Object.fromEntries(units) };
}

/** Commodities that do not sum to zero within an entry, with what they are off by: empty for a sound entry. */
export function imbalances(entry: EntryDraft): Record<string, DecimalString> {
  const sums = new Map<string, Decimal>();
  for (const { commodity, amount } of entry.postings)
    sums.set(commodity, (sums.get(commodity) ?? D(0)).plus(D(amount)));
  return Object.fromEntries(
    [...sums].filter(([, sum]) => !sum.isZero()).map(([commodity, sum]) => [commodity, toText(sum)]),
  );
}

const byDate = (a: BookedEntry, b: BookedEntry): number =>
  a.effectiveDate === b.effectiveDate ? a.entryId - b.entryId : a.effectiveDate < b.effectiveDate ? -1 : 1;

/** The entries that still stand, by the date they took effect: neither reversed nor reversals. */
export const standingEntries: (entries: readonly BookedEntry[]) => readonly BookedEntry[] = grownIndex<
  BookedEntry,
  BookedEntry[]
>(
  () => [],
  (standing, entry) => {
    if (entry.kind !== 'REVERSAL') enter(standing, entry);
  },
);

/** By halves: books that took in entries of earlier dates have no end that is near. */
function enter(standing: BookedEntry[], entry: BookedEntry): void {
  standing.splice(
    countWhile(standing, (other) => byDate(other, entry) < 0),
    0,
    entry,
  );
}

const byKind = grownIndex<BookedEntry, Map<EntryKind, BookedEntry[]>>(
  () => new Map(),
  (standing, entry) => {
    const own = standing.get(entry.kind) ?? [];
    standing.set(entry.kind, own);
    enter(own, entry);
  },
);

/** The standing entries of one kind, by the date they took effect. */
export const standingOf = (entries: readonly BookedEntry[], kind: Exclude<EntryKind, 'REVERSAL'>) =>
  byKind(entries).get(kind) ?? NOTHING;

const NOTHING: readonly BookedEntry[] = [];

/** A standing entry with what it moves of one symbol. */
interface Movement {
  entry: BookedEntry;
  amount: Decimal;
  /** What it and those booked before it come to, and the newest date among them. */
  total: Decimal;
  upTo: IsoDate;
}

/** What moved the units of each symbol, of the entries that stand. */
const movements = grownIndex<BookedEntry, Map<string, Movement[]>>(
  () => new Map(),
  (bySymbol, entry) => {
    if (entry.kind === 'REVERSAL') return;
    for (const { account, commodity, amount } of entry.postings) {
      if (account !== 'Assets:Units') continue;
      const own = bySymbol.get(commodity) ?? [];
      if (own.length === 0) bySymbol.set(commodity, own);
      const before = own.at(-1);
      const { effectiveDate } = entry;
      own.push({
        entry,
        amount: D(amount),
        total: before ? before.total.plus(amount) : D(amount),
        upTo: before && before.upTo > effectiveDate ? before.upTo : effectiveDate,
      });
    }
  },
);

/**
 * Units of a symbol that earn a dividend or take part in a split: those held at the close before the ex-date, also
 * under the name it had then. An ex-date on or before the opening counts the opening's units, for the cash may still
 * have been on its way.
 */
export function unitsBefore(entries: readonly BookedEntry[], symbol: string, exDate: IsoDate): Decimal {
  const [opening] = standingOf(entries, 'OPENING');
  const moved = movements(entries);
  const names = [symbol, ...formerOf(entries, symbol).flatMap((name) => (name.until >= exDate ? [name.symbol] : []))];
  return names
    .map((name) => moved.get(name) ?? [])
    .map((own) => (opening && exDate <= opening.effectiveDate ? movedBy(own, opening) : movedBefore(own, exDate)))
    .reduce((sum, units) => sum.plus(units), D(0));
}

const movedBy = (moved: readonly Movement[], by: BookedEntry): Decimal =>
  moved.reduce((sum, { entry, amount }) => (entry === by ? sum.plus(amount) : sum), D(0));

/** What was moved before a date: all up to where only older entries are, and what else of the rest is older. */
function movedBefore(moved: readonly Movement[], date: IsoDate): Decimal {
  const last = moved.findLastIndex(({ upTo }) => upTo < date);
  return moved
    .slice(last + 1)
    .reduce(
      (sum, { entry, amount }) => (entry.effectiveDate < date ? sum.plus(amount) : sum),
      moved[last]?.total ?? D(0),
    );
}

/**
 * Units that take part in what a company does on a date: those held before it, with what else companies did on that
 * date and was booked before.
 * @param booked the entry that says it already, or null.
 */
export function unitsTakingPart(
  entries: readonly BookedEntry[],
  symbol: string,
  date: IsoDate,
  booked: BookedEntry | null,
): Decimal {
  const doing = { effectiveDate: date, entryId: booked?.entryId ?? Infinity };
  const counted = standingEntries(entries).filter((entry) => entry !== booked && actsBefore(entry, doing));
  return sumsOf(counted, 'Assets:Units').get(symbol) ?? D(0);
}

/** The date the book was opened on; null while it is empty. */
export const openingDate = (entries: readonly BookedEntry[]): IsoDate | null =>
  entries.find((entry) => entry.kind === 'OPENING')?.effectiveDate ?? null;
